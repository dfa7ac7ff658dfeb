package io.pagewire.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FairClockTest {
    private long nowNs = 7;
    private int runnable = 1;
    private final FairClock clock = new FairClock(() -> nowNs, () -> runnable, 2);

    private void after(int seconds, int threads) {
        nowNs += seconds * 1_000_000_000L;
        runnable = threads;
        clock.passed();
    }

    @Test
    void shouldRunLikeAnyClockWhileThereIsAProcessorForEachThread() {
        after(3, 1);
        after(2, 2);
        assertThat(clock.passed()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void shouldRunAsFastAsAThreadOfABusyMachine() {
        after(30, 20);
        after(1, 2);
        assertThat(clock.passed()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void shouldEndAWaitForAProcessThatHangs() throws Exception {
        Process hangs = new ProcessBuilder("sleep", "600").start();
        try {
            assertThat(FairClock.ends(hangs, Duration.ofMillis(30))).isFalse();
        } finally {
            hangs.destroyForcibly().waitFor();
        }
        assertThat(FairClock.ends(hangs, Duration.ZERO)).isTrue();
    }

    @Test
    void shouldGiveAResultThatIsThere() throws Exception {
        assertThat(FairClock.get(CompletableFuture.completedFuture("yes"), Duration.ZERO))
                .isEqualTo("yes");
    }
}
