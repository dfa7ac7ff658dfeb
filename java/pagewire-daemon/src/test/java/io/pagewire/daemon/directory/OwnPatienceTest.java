package io.pagewire.daemon.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OwnPatienceTest {
    private Duration used = Duration.ofSeconds(3);
    private final OwnPatience patience = new OwnPatience(used);

    private boolean waitsOnAfter(Duration work) {
        used = used.plus(work);
        return patience.waitsOn(used);
    }

    @Test
    void shouldWaitForMinutesWhileTheProcessGetsLittleByLittle() {
        for (int look = 0; look < 600; look++) {
            assertThat(waitsOnAfter(OwnPatience.LEAST)).isTrue();
        }
        assertThat(patience.spent()).isEqualTo("for 600 s, in which this process has had 12.0 s of a processor");
    }

    @Test
    void shouldGiveUpWhenItHasDoneNothingForLong() {
        waitsOnAfter(Duration.ofMillis(500));
        for (int look = 1; look < OwnPatience.IDLE_LOOKS; look++) {
            assertThat(waitsOnAfter(Duration.ofMillis(1))).isTrue();
        }
        assertThat(waitsOnAfter(Duration.ofMillis(1))).isFalse();
    }

    @Test
    void shouldForgetIdlenessOnceItGetsOn() {
        for (int look = 1; look < OwnPatience.IDLE_LOOKS; look++) {
            waitsOnAfter(Duration.ZERO);
        }
        waitsOnAfter(OwnPatience.LEAST);
        assertThat(waitsOnAfter(Duration.ZERO)).isTrue();
    }

    @Test
    void shouldGiveUpWhenMuchWorkHasLedNowhere() {
        assertThat(waitsOnAfter(OwnPatience.MOST.minusMillis(1))).isTrue();
        assertThat(waitsOnAfter(Duration.ofMillis(1))).isFalse();
    }

    @Test
    void shouldKnowThatThisProcessHasWorked() {
        assertThat(OwnPatience.processorTime()).isPositive();
    }
}
