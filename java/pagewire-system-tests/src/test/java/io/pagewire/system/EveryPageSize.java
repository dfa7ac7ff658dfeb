package io.pagewire.system;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * The tests of the class run once for each of the page sizes that promises are kept for: the smallest, a common one and the
 * largest; or those that the system property {@code pagewire.page-sizes} has, with commas between them.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "pages of {0} bytes")
@ArgumentsSource(EveryPageSize.Sizes.class)
@interface EveryPageSize {
    /** The sizes in bytes. */
    final class Sizes implements ArgumentsProvider {
        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            return Arrays.stream(System.getProperty("pagewire.page-sizes", "4096,65536,2097152")
                            .split(","))
                    .map(Integer::valueOf)
                    .map(Arguments::of);
        }
    }
}
