package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Thread rule: one thread a test. */
class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, 500",
        "500MS, 500",
        "10s, 10000",
        "1.5s, 1500",
        "0.25, 250",
        "2, 2000",
        "3m, 180000",
        "1h, 3600000",
        "1.9ms, 1",
    })
    void shouldReadTimesAsPeopleWriteThem(String text, long ms) {
        assertThat(Durations.parse(text).toMillis()).isEqualTo(ms);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1s", "10 s", "1d", "1e3", "5min", "0x10", ".5s", "prices"})
    void shouldSayWhatATimeLooksLike(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not a length of time")
                .hasMessageContaining("500ms");
    }

    @Test
    void shouldRefuseTimesThatAreNoTimeOrForEver() {
        for (String text : new String[] {"0", "0.9ms", "8761h", "999999999999h"}) {
            assertThatThrownBy(() -> Durations.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + text + "' is not between 1 ms and a year");
        }
    }
}
