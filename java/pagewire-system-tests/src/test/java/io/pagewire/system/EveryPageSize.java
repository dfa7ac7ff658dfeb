package io.pagewire.system;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The tests of the class run once for each of the page sizes that promises are kept for: the smallest, a common one and the largest. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "pages of {0} bytes")
@ValueSource(ints = {4096, 64 << 10, 2 << 20})
@interface EveryPageSize {}
