package io.pagewire.testkit.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.testkit.BugHunt;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamSimulationTest {
    private static final int LEAST_SEEDS = 200;
    private static final int MOST_SEEDS_A_BUG = 1500;

    /** {@code -Dpagewire.simulate.seconds=N} for a longer run. */
    @Test
    void shouldKeepEveryPromiseOfStreamsWhateverBreaks() {
        long end = System.nanoTime() + Long.getLong("pagewire.simulate.seconds", 10) * 1_000_000_000L;
        SimulateStreams.Totals totals = new SimulateStreams.Totals();
        for (int seed = 1; seed <= LEAST_SEEDS || System.nanoTime() < end; seed++) {
            totals.add(new StreamSimulation(seed, null, null).run());
        }
        System.out.println("simulated " + totals.runs + " seeds of streams: " + totals);
        assertThat(totals.frames).isGreaterThan(100 * totals.runs);
        assertThat(totals.remote).isGreaterThan(50 * totals.runs);
        assertThat(totals.skipped).isGreaterThan(10 * totals.runs);
        assertThat(totals.waits).isGreaterThan(10 * totals.runs);
        assertThat(totals.drops).isGreaterThan(totals.runs / 4);
        assertThat(totals.resumes).isGreaterThan(totals.runs / 4);
        assertThat(totals.ends).isGreaterThan(totals.runs);
        assertThat(totals.losses).isGreaterThan(totals.runs);
    }

    @ParameterizedTest
    @EnumSource(StreamBug.class)
    void shouldCatchEveryBugPlantedIntoStreams(StreamBug bug) {
        BugHunt.Result result = SimulateStreams.hunt(bug, 1, MOST_SEEDS_A_BUG);
        System.out.println(result);
        assertThat(result.caught()).as(bug.text()).isTrue();
    }

    @Test
    void shouldRepeatARunFromItsSeedEventByEvent() {
        assertThat(trace(5)).hasSizeGreaterThan(10).isEqualTo(trace(5));
        assertThat(trace(6)).isNotEqualTo(trace(5));
    }

    private static List<String> trace(long seed) {
        List<String> lines = new ArrayList<>();
        new StreamSimulation(seed, null, lines::add).run();
        return lines;
    }
}
