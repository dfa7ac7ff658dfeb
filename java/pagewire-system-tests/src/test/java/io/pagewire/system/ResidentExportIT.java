package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Exported files that are held in real memory (SPEC: V9). */
@ExtendWith(LogsOnFailure.class)
class ResidentExportIT {
    private static final int PAGE = 4096;
    private static final int SIZE = (9 << 20) + 1234;

    @TempDir
    Path folder;

    private Cluster cluster;
    private Host a;
    private Host b;
    private App onA;
    private App onB;
    private byte[] content;
    private Path file;

    @BeforeEach
    void open() throws IOException {
        cluster = new Cluster(folder);
        cluster.host("directory"); // survives the owner
        a = cluster.host("a");
        b = cluster.host("b");
        onA = cluster.app(a);
        onB = cluster.app(b);
        content = new byte[SIZE];
        new Random(9).nextBytes(content);
        file = Files.write(folder.resolve("file"), content);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** Bytes the daemon has locked in memory, as the kernel counts them. */
    private static long locked(Host host) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(host.pid()), "status"))) {
            if (line.startsWith("VmLck:")) {
                return Long.parseLong(line.split("\\s+")[1]) << 10;
            }
        }
        throw new AssertionError("no VmLck");
    }

    private String sha256() throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }

    private void export() {
        String warning = onA.ask("export-owned-resident", "file", file);
        assumeThat(warning).as("dsmd may lock 9 MiB").isEqualTo("no warning");
    }

    private void assertResident() throws IOException {
        Await.until("the file to be in memory")
                .until(() -> a.region("file").path("residentBytes").asLong() == SIZE);
        JsonNode region = a.region("file");
        assertThat(region.path("resident").asBoolean()).isTrue();
        assertThat(region.path("lockedBytes").asLong()).isEqualTo(SIZE);
        assertThat(region.path("residentWarning").asText()).isEmpty();
        assertThat(locked(a)).isEqualTo((SIZE + PAGE - 1L) & -PAGE);
    }

    @Test
    void shouldHoldTheWholeFileInMemoryOnceTheExportReturns() throws Exception {
        export();

        assertResident();
        assertThat(b.region("file").path("resident").asBoolean()).isTrue();
        onB.ask("map", "file");
        assertThat(onB.ask("sha256", "file")).isEqualTo(sha256());
    }

    @Test
    void shouldLetTheMemoryGoWhenTheRegionIsDeleted() throws Exception {
        export();
        onA.ask("delete", "file");

        Await.until("the memory to be unlocked").until(() -> locked(a) == 0);
    }

    @Test
    void shouldHoldTheFileInMemoryAgainAfterTheDaemonWasKilled() throws Exception {
        export();
        a.kill();
        onA.kill();
        a.start();

        assertResident();
        onB.ask("map", "file");
        assertThat(onB.ask("sha256", "file")).isEqualTo(sha256());
    }

    @Test
    void shouldFailOnlyForPagesThatTheFileHasLost() throws Exception {
        export();
        onA.ask("map", "file");
        onB.ask("map", "file");
        try (FileChannel cut = FileChannel.open(file, StandardOpenOption.WRITE)) {
            cut.truncate(4 << 20);
        }

        ExportedFileIT.assertFileError(onA, "file", 4 << 20);
        ExportedFileIT.assertFileError(onB, "file", 4 << 20);
        long last = ByteBuffer.wrap(content, (4 << 20) - 8, 8)
                .order(java.nio.ByteOrder.nativeOrder())
                .getLong();
        assertThat(onA.askLong("get", "file", (4 << 20) - 8)).isEqualTo(last);
        assertThat(onB.askLong("get", "file", (4 << 20) - 8)).isEqualTo(last);
        assertThat(a.isAlive()).isTrue();
    }
}
