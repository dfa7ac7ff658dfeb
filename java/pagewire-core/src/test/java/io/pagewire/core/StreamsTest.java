package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamsTest {
    private final Streams streams = new Streams(16);

    @BeforeEach
    void open() {
        streams.reset(0);
    }

    private int step(long page, int granted) {
        int window = streams.access(0, page);
        streams.granted(0, page, granted);
        return window;
    }

    @Test
    void shouldDoubleTheWindowOfEachExpectedAccess() {
        assertThat(step(0, 1)).isEqualTo(1);
        assertThat(step(1, 2)).isEqualTo(2);
        assertThat(step(3, 4)).isEqualTo(4);
        assertThat(step(7, 8)).isEqualTo(8);
        assertThat(step(15, 16)).isEqualTo(16);
        assertThat(step(31, 16)).isEqualTo(16);
    }

    @Test
    void shouldKeepOnePageForRandomAccess() {
        for (long page : new long[] {5, 90, 7, 1000, 3, 44, 6, 5}) {
            assertThat(step(page, 1)).isEqualTo(1);
        }
    }

    @Test
    void shouldFollowSeveralThreadsAtOnce() {
        for (int i = 0; i < 4; i++) {
            step(1000L * i, 1);
        }
        for (int i = 0; i < 4; i++) {
            assertThat(step(1000L * i + 1, 1)).isEqualTo(2);
        }
    }

    @Test
    void shouldNotTakeSeveralThreadsAtTheSamePageForProgress() {
        step(0, 1);
        assertThat(streams.access(0, 1)).isEqualTo(2);
        assertThat(streams.access(0, 1)).isEqualTo(2);
        assertThat(streams.access(0, 1)).isEqualTo(2);
    }

    @Test
    void shouldKeepTheWindowWhenAGrantWasDropped() {
        step(0, 1);
        step(1, 2);
        assertThat(streams.access(0, 2)).isEqualTo(2);
        assertThat(step(3, 4)).isEqualTo(4);
    }

    @Test
    void shouldForgetTheStreamsOfAnEarlierMapping() {
        step(0, 1);
        streams.reset(0);
        assertThat(step(1, 1)).isEqualTo(1);
    }
}
