package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a fault costs the daemons: no garbage, no descriptors. */
@ExtendWith(LogsOnFailure.class)
class FaultPathIT {
    private static final int PAGE = 4096;
    private static final int WARM_UP = 10_000;
    private static final int FAULTS = 20_000;
    private static final long MOST_BYTES = 64;

    @TempDir
    Path folder;

    private Cluster cluster;
    private Host a;
    private Host b;

    @BeforeEach
    void start() {
        cluster = new Cluster(folder);
        String config = cluster.file("dsmd.toml", "read-ahead-bytes = 0\n").toString();
        a = cluster.host("a", "--config", config);
        b = cluster.host("b", "--config", config);
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    @Test
    void shouldAllocateNextToNothingForAFault() {
        App onA = cluster.app(a);
        App onB = cluster.app(b);
        onA.ask("create", "faults", (long) (WARM_UP + FAULTS) * PAGE, PAGE);
        onA.ask("map", "faults");
        onB.ask("map", "faults");
        onB.ask("touch", "faults", 0, WARM_UP);
        long fetches = b.counter("faults", "fetches");
        long atHome = allocated(a);
        long atClient = allocated(b);

        onB.ask("touch", "faults", WARM_UP, WARM_UP + FAULTS);

        // A few more on a machine that stood still for longer than a lease: pages are then fetched anew.
        assertThat(b.counter("faults", "fetches") - fetches).isBetween((long) FAULTS, FAULTS * 11 / 10L);
        assertThat((allocated(b) - atClient) / FAULTS).as("bytes a fault on b").isLessThan(MOST_BYTES);
        assertThat((allocated(a) - atHome) / FAULTS).as("bytes a fault on a").isLessThan(MOST_BYTES);
    }

    private static long allocated(Host host) {
        long sum = 0;
        for (var loop : host.status().path("loops")) {
            sum += loop.path("allocatedBytes").asLong();
        }
        return sum;
    }

    @Test
    void shouldHaveTheDescriptorsOfBeforeOnceAllProgramsHaveEnded() {
        App keeper = cluster.app(a);
        keeper.ask("create", "leaks", 64 * PAGE, PAGE);
        useOnce(); // opens what is opened once
        Map<String, Integer> before = steadyDescriptors(b);
        Map<String, Integer> beforeOnA = steadyDescriptors(a);

        for (int i = 0; i < 3; i++) {
            useOnce();
        }

        Await.until("b's descriptors to be as before")
                .untilAsserted(() -> assertThat(b.descriptors()).isEqualTo(before));
        Await.until("a's descriptors to be as before")
                .untilAsserted(() -> assertThat(a.descriptors()).isEqualTo(beforeOnA));
    }

    private void useOnce() {
        try (App onA = App.java(folder, a.socket());
                App onB = App.java(folder, b.socket())) {
            onA.ask("map", "leaks");
            onB.ask("map", "leaks");
            onA.ask("put", "leaks", 0, 1);
            onB.ask("touch", "leaks", 0, 64);
            onB.ask("close", "leaks");
            onB.ask("map", "leaks");
            onB.ask("get", "leaks", 0);
        }
    }

    /** The programs of useOnce have ended, and their daemons know it. */
    private static Map<String, Integer> steadyDescriptors(Host host) {
        Await.until(host + " to forget programs that have ended")
                .until(() -> host.status().path("mappings").isEmpty());
        return host.steadyDescriptors();
    }
}
