package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Regions that are far larger than the memory of the hosts, whose daemons have a heap of 64 MiB. */
@ExtendWith(LogsOnFailure.class)
class HugeRegionsIT {
    private static final int PAGE = 4096;
    private static final long GIB = 1L << 30;

    /** Pages whose entries are made together. */
    private static final long RUN_BYTES = 1024L * PAGE;

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static Host a;
    private static Host b;
    private static App onA;
    private static App onB;

    @BeforeAll
    static void start() {
        cluster = new Cluster(folder);
        a = start("a");
        b = start("b");
        onA = cluster.app(a);
        onB = cluster.app(b);
    }

    private static Host start(String name) {
        Host host = cluster.prepare(name);
        host.under(List.of("env", "JDK_JAVA_OPTIONS=-Xmx64m"));
        host.start();
        return host;
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    void shouldShareARegionOf200GibOfWhichLittleIsUsed() {
        long size = 200 * GIB;
        onA.ask("create-any", "huge", size, PAGE);
        onA.ask("map", "huge");
        onB.ask("map", "huge");
        for (long at = 0; at < size; at += 10 * GIB) {
            onA.ask("put", "huge", at, at + 1);
            onB.ask("put", "huge", at + 8, at + 2);
        }
        onA.ask("put", "huge", size - 8, 3);
        for (long at = 0; at < size; at += 10 * GIB) {
            assertThat(onB.askLong("get", "huge", at)).isEqualTo(at + 1);
            assertThat(onA.askLong("get", "huge", at + 8)).isEqualTo(at + 2);
        }
        assertThat(onB.askLong("get", "huge", size - 8)).isEqualTo(3);
        assertThat(a.status().path("pageTableBytes").asLong()).isBetween(1L, 4L << 20);
        assertThat(b.status().path("pageTableBytes").asLong()).isBetween(1L, 4L << 20);

        onB.ask("close", "huge");
        onA.ask("close", "huge");
        onA.ask("delete", "huge");
        Await.until("the page tables to be gone").until(() -> tables(a) + tables(b) == 0);
    }

    @Test
    void shouldRefusePagesThatTheHeapHasNoRoomForAndServeTheOthers() {
        onA.ask("create", "wide", 20 * GIB, PAGE);
        onA.ask("map", "wide");
        onB.ask("map", "wide");
        AppFailure failure = null;
        long touched = 0;
        while (failure == null && touched < 20 * GIB) {
            long at = touched;
            failure = catchThrowableOfType(AppFailure.class, () -> onB.ask("get", "wide", at));
            touched += RUN_BYTES;
        }

        assertThat(failure)
                .as("a heap of 64 MiB does not hold the tables of 5,120 runs")
                .isNotNull();
        assertThat(failure.cause()).isEqualTo("NO_MEMORY");
        assertThat(a.log() + b.log()).contains("half of this daemon's heap");
        assertThat(touched / RUN_BYTES).as("runs that were served").isGreaterThan(500);
        assertThat(onB.askLong("get", "wide", RUN_BYTES + 8))
                .as("a page beside touched ones")
                .isZero();
        onA.ask("put", "wide", 0, 7);
        assertThat(onB.askLong("get", "wide", 0)).isEqualTo(7);

        onB.ask("close", "wide");
        onA.ask("close", "wide");
        onA.ask("delete", "wide");
        Await.until("the page tables to be gone").until(() -> tables(a) + tables(b) == 0);
        onA.ask("create", "after", PAGE, PAGE);
        onA.ask("map", "after");
        onA.ask("put", "after", 0, 1);
        onA.ask("close", "after");
        onA.ask("delete", "after");
        Await.until("the page tables to be gone").until(() -> tables(a) + tables(b) == 0);
    }

    private static long tables(Host host) {
        return host.status().path("pageTableBytes").asLong();
    }
}
