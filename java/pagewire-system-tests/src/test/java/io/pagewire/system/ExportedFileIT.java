package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Exported files: what is forced is on disk, and files that others make shorter or longer (SPEC: V9). */
@ExtendWith(LogsOnFailure.class)
class ExportedFileIT {
    private static final int PAGE = 4096;
    private static final int PAGES = 64;

    @TempDir
    Path folder;

    private Cluster cluster;
    private Host a;
    private Host b;
    private App onA;
    private App onB;
    private Path file;

    @BeforeEach
    void open() throws IOException {
        cluster = new Cluster(folder);
        cluster.host("directory"); // survives the owner
        a = cluster.host("a");
        b = cluster.host("b");
        onA = cluster.app(a);
        onB = cluster.app(b);
        ByteBuffer content = ByteBuffer.allocate(PAGES * PAGE).order(ByteOrder.nativeOrder());
        for (int at = 0; at < content.capacity(); at += 8) {
            content.putLong(at, at + 1);
        }
        file = Files.write(folder.resolve("file"), content.array());
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void share() {
        onA.ask("export", "file", file, PAGE);
        onA.ask("map", "file");
        onB.ask("map", "file");
    }

    private void resize(long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (size < channel.size()) {
                channel.truncate(size);
            } else {
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
        }
    }

    static void assertFileError(App app, String region, long offset) {
        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> app.ask("get", region, offset));
        assertThat(failure).as("load at " + offset).isNotNull();
        assertThat(failure.type()).isEqualTo("PageFaultException");
        assertThat(failure.cause()).isEqualTo("FILE_ERROR");
    }

    private static void assertIntact(App app, int page) {
        assertThat(app.askLong("get", "file", (long) page * PAGE)).isEqualTo((long) page * PAGE + 1);
    }

    @Test
    void shouldFailForPagesBehindTheEndOfAFileThatWasCutAndForNoOthers() throws Exception {
        share();
        assertIntact(onA, 40);
        assertIntact(onB, 5);
        resize(20 * PAGE + 100);

        assertFileError(onB, "file", 20 * PAGE + 8);
        for (int page : new int[] {21, 40, PAGES - 1}) {
            assertFileError(onA, "file", (long) page * PAGE);
            assertFileError(onB, "file", (long) page * PAGE);
        }
        for (int page : new int[] {0, 5, 19}) {
            assertIntact(onA, page);
            assertIntact(onB, page);
        }
        assertThat(onA.askLong("get", "file", 20 * PAGE + 8)).isEqualTo(20 * PAGE + 9);
    }

    @Test
    void shouldServeTheZerosOfAFileThatGrewAgain() throws Exception {
        share();
        resize(20 * PAGE + 100);
        assertFileError(onA, "file", 30 * PAGE);
        assertFileError(onB, "file", 30 * PAGE);
        assertFileError(onB, "file", 20 * PAGE);

        resize(PAGES * PAGE + 5000);

        for (App app : new App[] {onA, onB}) {
            assertThat(app.askLong("get-until", "file", 30 * PAGE, 5000)).isZero();
            assertThat(app.askLong("get-until", "file", 20 * PAGE, 5000)).isEqualTo(20 * PAGE + 1);
            assertThat(app.askLong("get", "file", 20 * PAGE + 4088)).isZero();
            assertIntact(app, 7);
        }
        onA.ask("put", "file", 50 * PAGE, 42);
        assertThat(onB.askLong("get", "file", 50 * PAGE)).isEqualTo(42);
    }

    @Test
    void shouldFailAStoreBehindTheEndOfAFileThatWasCut() throws Exception {
        share();
        onA.ask("put", "file", 30 * PAGE, 1);
        resize(20 * PAGE);

        for (int page : new int[] {30, 31}) {
            AppFailure failure =
                    catchThrowableOfType(AppFailure.class, () -> onA.ask("put", "file", (long) page * PAGE, 2));
            assertThat(failure).as("store to page " + page).isNotNull();
            assertThat(failure.cause()).isEqualTo("FILE_ERROR");
        }
        onA.ask("put", "file", 19 * PAGE, 3);
        assertThat(onB.askLong("get", "file", 19 * PAGE)).isEqualTo(3);
        assertThat(Files.size(file)).isEqualTo(20 * PAGE);
    }

    @Test
    void shouldServeWhatWasForcedAfterTheDaemonWasKilled() throws Exception {
        share();
        onA.ask("put", "file", 3 * PAGE, 4711);
        onA.ask("force", "file");
        a.kill();
        onA.kill();
        assertThat(ByteBuffer.wrap(Files.readAllBytes(file))
                        .order(ByteOrder.nativeOrder())
                        .getLong(3 * PAGE))
                .isEqualTo(4711);
        a.start();

        assertThat(onB.askLong("get-until", "file", 3 * PAGE, 20_000)).isEqualTo(4711);
        assertIntact(onB, 4);
        App again = cluster.app(a);
        again.ask("map", "file");
        again.ask("put", "file", 3 * PAGE, 4712);
        assertThat(onB.askLong("get-until", "file", 3 * PAGE, 20_000)).isEqualTo(4712);
    }

    @Test
    void shouldSayThatAFileHasBecomeShorterWhenItsOwnerStartsAgain() throws Exception {
        share();
        a.kill();
        onA.kill();
        resize(20 * PAGE);
        a.start();

        AppFailure failure =
                catchThrowableOfType(AppFailure.class, () -> cluster.app(a).ask("map", "file"));
        assertThat(failure).hasMessageContaining("has 81920 bytes now and had 262144 when it was exported");
        resize(PAGES * PAGE);
        a.kill();
        a.start();
        assertThat(cluster.app(a).ask("map", "file")).endsWith("true");
    }
}
