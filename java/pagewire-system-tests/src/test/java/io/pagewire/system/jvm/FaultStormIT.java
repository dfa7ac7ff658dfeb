package io.pagewire.system.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.Region;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Page faults and everything else a JVM uses SIGSEGV, safepoints and stacks for, in one process, on every JVM we support. */
class FaultStormIT {
    private static final int PAGE = 4096;
    private static final int PAGES = 256;

    @TempDir
    static Path shared;

    private static TwoHosts hosts;
    private static Region live;
    private static Thread writer;
    private static volatile boolean stop;
    private static volatile Throwable writerFailed;

    @BeforeAll
    static void startHosts() throws Exception {
        hosts = new TwoHosts(shared);
        byte[] content = new byte[2 << 20];
        new Random(42).nextBytes(content);
        hosts.owner().export("storm-file", Files.write(shared.resolve("file"), content));
        hosts.owner().create("storm-live", (long) PAGES * PAGE);
        live = hosts.owner().map("storm-live");
        writer = new Thread(FaultStormIT::keepWriting, "writer");
        writer.start();
    }

    /** The owner's counters: one a page, each only grows; every store takes the page away from the readers first. */
    private static void keepWriting() {
        try {
            Random random = new Random(7);
            for (long count = 1; !stop; count++) {
                live.putLong((long) random.nextInt(PAGES) * PAGE, count);
                Thread.sleep(0, 200_000);
            }
        } catch (Throwable e) {
            writerFailed = e;
        }
    }

    @AfterAll
    static void stopHosts() throws Exception {
        stop = true;
        if (writer != null) {
            writer.join();
        }
        if (hosts != null) {
            hosts.close();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.pagewire.system.jvm.Cell#full")
    @Timeout(90)
    void shouldServeFaultsDuringCollectionsNullPointersAndStackOverflows(Cell cell, @TempDir Path directory)
            throws Exception {
        try (ChildJvm child = ChildJvm.start(
                cell,
                directory,
                FaultStormChild.class,
                hosts.reader().socket().toString(),
                "storm-live",
                "storm-file",
                shared.resolve("file").toString(),
                "2")) {
            child.awaitLine("DONE", Duration.ofSeconds(60));
            child.assertEndsWell(Duration.ofSeconds(20));
            assertThat(child.output()).doesNotContain("FATAL ERROR in native method", "WARNING in native method");
        }
        assertThat(writerFailed).isNull();
    }
}
