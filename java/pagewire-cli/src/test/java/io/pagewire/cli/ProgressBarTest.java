package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Thread rule: one thread a test. */
class ProgressBarTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void shouldShowABarWhereTheWholeIsKnown() {
        assertThat(ProgressBar.line("filling prices", 16 << 20, 64 << 20, 2 * SECOND))
                .isEqualTo("filling prices [#######.......................]  25%  16 MiB of 64 MiB, 8 MiB/s");
        assertThat(ProgressBar.line("cat", 64 << 20, 64 << 20, SECOND))
                .isEqualTo("cat [##############################] 100%  64 MiB of 64 MiB, 64 MiB/s");
    }

    @Test
    void shouldNotSayThatAllIsDoneBeforeItIs() {
        assertThat(ProgressBar.line("cat", (1L << 40) - 1, 1L << 40, SECOND)).contains(" 99%");
    }

    @Test
    void shouldShowAmountAndRateWhereNobodyKnowsTheWhole() {
        assertThat(ProgressBar.line("put", 3 << 20, 0, SECOND)).isEqualTo("put 3 MiB, 3 MiB/s");
    }
}
