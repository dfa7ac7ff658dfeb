package io.pagewire.system.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagewire.PageFaultException;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.system.JvmHosts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Page faults, and faults that fail, beside everything else that a JVM uses signals, safepoints and stacks for, on every JVM we
 * support. The JVMs of one collector go side by side through the same storm and the same outage; what each does stands in
 * {@link MatrixChild}.
 */
class JvmMatrixIT {
    private static final int PAGE = 4096;
    private static final int PAGES = 256;
    private static final Duration SLOWEST = Duration.ofSeconds(60);

    @TempDir
    static Path shared;

    private static JvmHosts hosts;
    private static Path file;
    private static int rounds;

    @BeforeAll
    static void startHosts() throws Exception {
        hosts = new JvmHosts(Files.createDirectory(shared.resolve("h")));
        byte[] content = new byte[8 << 20];
        new Random(1).nextBytes(content);
        file = Files.write(shared.resolve("content"), content);
        try (Pagewire owner = Pagewire.connect(hosts.ownerSocket())) {
            owner.export("matrix-file", file);
            owner.export("matrix-other", Files.copy(file, shared.resolve("other")));
        }
    }

    @AfterAll
    static void stopHosts() {
        hosts.close();
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailInEveryWayAndRecoverWhenTheOwnerIsKilled(Collector collector, @TempDir Path directory)
            throws Exception {
        run(Cell.of(collector, true), directory, JvmHosts::killOwner, true);
    }

    @ParameterizedTest
    @EnumSource
    void shouldDoSoWhenTheCircuitIsCutUnderCheckedJniLibjsigAndFlightRecorder(
            Collector collector, @TempDir Path directory) throws Exception {
        run(Cell.of(collector, false), directory, JvmHosts::cut, false);
    }

    private interface Trouble {
        void happen(JvmHosts hosts);
    }

    private static void run(List<Cell> cells, Path directory, Trouble trouble, boolean writerDies) throws Exception {
        String live = "matrix-live-" + ++rounds;
        String own = "matrix-own-" + rounds;
        hosts.repair();
        List<ChildJvm> children = new ArrayList<>();
        try (Pagewire owner = Pagewire.connect(hosts.ownerSocket());
                Pagewire reader = Pagewire.connect(hosts.readerSocket())) {
            owner.create(live, (long) PAGES * PAGE);
            reader.create(own, 64 * PAGE);
            try (Region region = owner.map(live);
                    Writer writer = new Writer(region)) {
                for (Cell cell : cells) {
                    children.add(ChildJvm.start(
                            cell,
                            Files.createDirectory(
                                    directory.resolve("jdk" + cell.jdk().feature())),
                            MatrixChild.class,
                            hosts.readerSocket().toString(),
                            "matrix-file",
                            file.toString(),
                            live,
                            own,
                            cell.plain() ? "nothing" : "libjsig",
                            "matrix-other"));
                }
                await(children, "WARM");
                writer.mustBeWell();
                trouble.happen(hosts);
                await(children, "LOST");
                hosts.refuse();
                tell(children, "GONE");
                await(children, "FAILED");
                hosts.repair();
                tell(children, "BACK");
                await(children, "RECOVERED");
                reader.delete(own);
                tell(children, "DELETED");
                await(children, "DONE");
                for (ChildJvm child : children) {
                    child.assertEndsWell(Duration.ofSeconds(20));
                    if (child.cell().jdk().feature() >= 21) {
                        assertThat(child.output()).contains("cannot be given an exception"); // a virtual thread
                    }
                }
                if (!writerDies) {
                    writer.mustBeWell();
                    owner.delete(live);
                }
            }
        } finally {
            children.forEach(ChildJvm::close);
        }
        assumeTrue(
                cells.size() == Jdk.WANTED.size(),
                () -> "only " + cells + " tested: JDKs " + Jdk.WANTED + " wanted,"
                        + " JAVA_17_HOME and the like name them");
    }

    private static void await(List<ChildJvm> children, String line) throws InterruptedException {
        for (ChildJvm child : children) {
            child.awaitLine(line, SLOWEST);
        }
    }

    private static void tell(List<ChildJvm> children, String line) throws Exception {
        for (ChildJvm child : children) {
            child.send(line);
        }
    }

    /** The owner's counters: one a page, each only grows; every store takes the page away from the readers first. */
    private static final class Writer extends Thread implements AutoCloseable {
        private final Region live;
        private volatile boolean stop;
        private volatile Throwable failed;

        Writer(Region live) {
            super("writer");
            this.live = live;
            start();
        }

        @Override
        public void run() {
            try {
                Random random = new Random(7);
                for (long count = 1; !stop; count++) {
                    live.putLong((long) random.nextInt(PAGES) * PAGE, count);
                    Thread.sleep(0, 200_000);
                }
            } catch (PageFaultException | InterruptedException e) {
                failed = e;
            }
        }

        void mustBeWell() {
            assertThat(failed).isNull();
        }

        @Override
        public void close() {
            stop = true;
            try {
                join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
