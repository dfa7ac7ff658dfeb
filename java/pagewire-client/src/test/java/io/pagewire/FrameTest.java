package io.pagewire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FrameTest {
    @Test
    void shouldTakeTheFieldsInTheOrderOfTheLibrary() {
        assertThat(Frame.of(new long[] {7, 1 << 30, 1_700_000_000_123_456_789L, 3}))
                .isEqualTo(new Frame(7, 1 << 30, Instant.parse("2023-11-14T22:13:20.123456789Z"), 3));
    }

    @Test
    void shouldTakeTheCountsInTheOrderOfTheLibrary() {
        StreamStats stats = StreamStats.of(new long[] {10, 2, 3, 4, 5, 60, 7, 8});
        assertThat(stats)
                .isEqualTo(new StreamStats(
                        10, 2, 3, 4, Duration.ofNanos(5), Duration.ofNanos(60), Duration.ofNanos(7), 8));
        assertThat(stats.meanSwap()).isEqualTo(Duration.ofNanos(6));
        assertThat(StreamStats.of(new long[StreamStats.FIELDS]).meanSwap()).isZero();
    }
}
