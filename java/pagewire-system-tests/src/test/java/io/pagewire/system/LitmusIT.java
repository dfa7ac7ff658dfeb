package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A moment of what {@code tools/litmus} does for long: across hosts nobody sees an outcome that x86-TSO forbids, and the harness
 * sees one when there is one.
 */
@ExtendWith(LogsOnFailure.class)
class LitmusIT {
    /** Mappings are made anew in one of them, circuits are broken in another. */
    private static final int MOMENT_ROUNDS = 12;

    /** A search ends when the bug is seen, which is mostly in the first round: the plants wait for their occasion. */
    private static final int MOST_ROUNDS = 100;

    private static final int PAGE = 4096;

    @TempDir
    static Path folder;

    private static LitmusHosts hosts;

    @BeforeAll
    static void start() {
        hosts = new LitmusHosts(folder);
    }

    @AfterAll
    static void end() {
        hosts.close();
    }

    @ParameterizedTest
    @CsvSource({
        "MP, C, OTHER_PAGES",
        "SB, C, SAME_PAGE",
        "LB, C, OTHER_PAGES",
        "WRC, C, OTHER_PAGES",
        "IRIW, C, OTHER_PAGES",
        "CoRR, C, SAME_PAGE",
        "CoWR, C, SAME_PAGE",
        "CoRW, C, SAME_PAGE",
        "MP, JAVA, OTHER_PAGES",
        "IRIW, JAVA, OTHER_PAGES",
        "2+2W, C, OTHER_PAGES_ANY",
        "2+2W, C, SAME_PAGE_ANY",
        "2+2W, JAVA, OTHER_PAGES_ANY",
        "MP, C, OTHER_PAGES_ANY",
        "SB, C, OTHER_PAGES_ANY",
        "LB, C, SAME_PAGE_ANY",
        "WRC, C, OTHER_PAGES_ANY",
        "IRIW, JAVA, OTHER_PAGES_ANY",
        "CoRR, C, SAME_PAGE_ANY",
        "CoWR, C, SAME_PAGE_ANY",
        "CoRW, C, SAME_PAGE_ANY"
    })
    void shouldNeverShowWhatTsoForbids(String test, LitmusRun.Language language, LitmusRun.Placement placement)
            throws IOException {
        LitmusResult result = play(test, language, placement, LitmusRun.Plant.NONE);
        if (result.firstViolation != null) {
            throw new PromiseBroken(result.firstViolation);
        }
        assertThat(result.iterations).isPositive();
        assertThat(result.changedHands()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "MP, STALE, OTHER_PAGES",
        "IRIW, STALE, OTHER_PAGES",
        "CoRR, STALE, SAME_PAGE",
        "CoWR, STALE, SAME_PAGE",
        "CoRW, SWAP, SAME_PAGE",
        "2+2W, SWAP, OTHER_PAGES_ANY",
        "MP, STALE, OTHER_PAGES_ANY",
        "CoRR, STALE, SAME_PAGE_ANY"
    })
    void shouldSeeAPlantedBug(String test, LitmusRun.Plant plant, LitmusRun.Placement placement) throws IOException {
        assertThat(play(test, LitmusRun.Language.C, placement, plant).forbidden).isPositive();
    }

    private static LitmusResult play(
            String test, LitmusRun.Language language, LitmusRun.Placement placement, LitmusRun.Plant plant)
            throws IOException {
        int rounds = plant == LitmusRun.Plant.NONE ? MOMENT_ROUNDS : MOST_ROUNDS;
        try (LitmusRun run = new LitmusRun(LitmusTest.named(test), language, placement, hosts, PAGE, 1)) {
            return run.play(Long.MAX_VALUE, rounds, plant, at -> {});
        }
    }
}
