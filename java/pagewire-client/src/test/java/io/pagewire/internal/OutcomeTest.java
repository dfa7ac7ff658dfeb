package io.pagewire.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    @Test
    void shouldHaveTheOrderOfTheEnumInC() throws Exception {
        String source = Files.readString(Checkout.root().resolve("native/jni/failures.c"));
        Matcher block = Pattern.compile("enum outcome \\{(.*?)}").matcher(source);
        assertThat(block.find()).isTrue();
        String[] names = block.group(1).strip().split("\\s*,\\s*");
        assertThat(names)
                .containsExactly(Arrays.stream(Recipient.Outcome.values())
                        .map(Enum::name)
                        .toArray(String[]::new));
    }
}
