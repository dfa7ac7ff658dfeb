package io.pagewire.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimulationTest {
    private static final int LEAST_SEEDS = 20;
    private static final int MOST_SEEDS_A_BUG = 300;

    /** {@code -Dpagewire.simulate.seconds=N} for a longer run. */
    @Test
    void shouldKeepEveryPromiseWhateverBreaks() {
        long end = System.nanoTime() + Long.getLong("pagewire.simulate.seconds", 20) * 1_000_000_000L;
        long events = 0;
        long loads = 0;
        long stores = 0;
        long remote = 0;
        long remoteStores = 0;
        long forces = 0;
        long losses = 0;
        int seeds = 0;
        while (seeds < LEAST_SEEDS || System.nanoTime() < end) {
            Simulation.Summary summary = new Simulation(++seeds, null, null).run();
            events += summary.events();
            loads += summary.loads();
            stores += summary.stores();
            remote += summary.remoteLoads();
            remoteStores += summary.remoteStores();
            forces += summary.forces();
            losses += summary.losses();
        }
        System.out.println("simulated " + seeds + " seeds: " + events + " events, " + loads + " loads (" + remote
                + " of them on other hosts), " + stores + " stores (" + remoteStores + " on other hosts), " + forces
                + " forces, " + losses + " stores lost and reported");
        assertThat(remote).isGreaterThan(100L * seeds);
        assertThat(stores).isGreaterThan(100L * seeds);
        assertThat(remoteStores).isGreaterThan(50L * seeds);
        assertThat(forces).isGreaterThan(seeds);
        assertThat(losses).isPositive();
    }

    @ParameterizedTest
    @EnumSource(Bug.class)
    void shouldCatchEveryPlantedBug(Bug bug) {
        BugHunt.Result result = BugHunt.hunt(bug, 1, MOST_SEEDS_A_BUG);
        System.out.println(result);
        assertThat(result.caught()).as(bug.text()).isTrue();
    }

    @Test
    void shouldRepeatARunFromItsSeedEventByEvent() {
        assertThat(trace(5)).hasSizeGreaterThan(1000).isEqualTo(trace(5));
        assertThat(trace(6)).isNotEqualTo(trace(5));
    }

    private static List<String> trace(long seed) {
        List<String> lines = new ArrayList<>();
        new Simulation(seed, null, lines::add).run();
        return lines;
    }
}
