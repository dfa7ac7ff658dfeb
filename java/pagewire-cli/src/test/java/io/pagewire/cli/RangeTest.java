package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Thread rule: one thread a test. */
class RangeTest {
    @Test
    void shouldGoToTheEndWhenNoLengthIsGiven() {
        assertThat(Range.length("r", 100, 30, null)).isEqualTo(70);
        assertThat(Range.length("r", 100, 100, null)).isZero();
        assertThat(Range.length("r", 100, 30, 70L)).isEqualTo(70);
    }

    @Test
    void shouldNameRegionAndBoundWhenTheRangeIsOutside() {
        assertThatThrownBy(() -> Range.length("r", 100, 101, null)).hasMessageContaining("'r' (100 bytes)");
        assertThatThrownBy(() -> Range.length("r", 100, 30, 71L)).hasMessageContaining("70 bytes from offset 30");
        assertThatThrownBy(() -> Range.length("r", 100, 1, Long.MAX_VALUE)).isInstanceOf(CommandFailed.class);
    }
}
