package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalsTest {
    private final Arrivals arrivals = new Arrivals();

    @Test
    void shouldCountFromTheBeginningUntilSomethingMoves() {
        assertThat(arrivals.latest(3, 100)).isEqualTo(100);
        arrivals.moved(3, 150);
        assertThat(arrivals.latest(3, 100)).isEqualTo(150);
        assertThat(arrivals.latest(2, 100)).isEqualTo(100);
        assertThat(arrivals.latest(4, 100)).isEqualTo(100);
    }

    @Test
    void shouldForgetWhatMovedBefore() {
        arrivals.moved(0, 150);
        assertThat(arrivals.latest(0, 200)).isEqualTo(200);
    }

    @Test
    void shouldCompareTimesOfAClockThatWraps() {
        arrivals.moved(0, Long.MIN_VALUE + 5);
        assertThat(arrivals.latest(0, Long.MAX_VALUE - 5)).isEqualTo(Long.MIN_VALUE + 5);
    }
}
