package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** SIGKILL at programs and daemons, also while a page is on its way. */
@EveryPageSize
class KilledProcessesIT extends FaultyHosts {
    KilledProcessesIT(int pageSize) {
        super(pageSize);
    }

    @Test
    void shouldFailAReadWhoseOwnDaemonIsKilledAndServeItAgainOnceTheDaemonIsBack() {
        share(16, 7);
        onA.ask("put", region, 5 * pageSize, 55);
        way.cut();
        CompletableFuture<String> read = readInVain(5);

        b.kill();

        assertThat(failure(read).cause()).isEqualTo("DAEMON_LOST");
        assertThat(failure(onB, "get", region, 0).cause())
                .as("a page that was here")
                .isEqualTo("DAEMON_LOST");
        way.heal();
        b.start();
        assertThat(onB.askLong("get-until", region, 5 * pageSize, TRY_MS)).isEqualTo(55);
        assertThat(onB.askLong("get-until", region, 0, TRY_MS)).isEqualTo(7);
    }

    @Test
    void shouldServeAnExportedFileAgainAfterItsOwnersDaemonWasKilledInMidFault() throws IOException {
        Path file = exported();
        onA.ask("export", region, file, pageSize);
        onA.ask("map", region);
        onB.ask("map", region);
        assertThat(onB.askLong("byte", region, 0)).isEqualTo(3);
        a.stop();
        CompletableFuture<String> read = readInVain(9);

        a.kill();

        assertThat(failure(read).cause()).isIn("OWNER_LOST", "NO_OWNER");
        a.start();
        assertThat(onB.askLong("get-until", region, 9 * pageSize, TRY_MS)).isEqualTo(0x0303030303030303L);
        assertThat(onA.askLong("get-until", region, 2 * pageSize, TRY_MS)).isEqualTo(0x0303030303030303L);
        onA.ask("put", region, 9 * pageSize, 4);
        assertThat(onB.askLong("get-until", region, 9 * pageSize, TRY_MS)).isEqualTo(4);
    }

    @Test
    void shouldEndAStoppedWriterOfTheOwnersEarlierRunBeforeItServesAFileAgain() throws IOException {
        App writer = cluster.app(a);
        writer.ask("export", region, exported(), pageSize);
        writer.ask("map", region);
        writer.ask("put", region, 2 * pageSize, 5);
        onA.ask("map", region);
        onA.ask("put", region, 3 * pageSize, 6);
        onB.ask("map", region);
        writer.stop(); // its agent cannot take its right to write away
        a.kill();

        a.start();

        assertThat(writer.awaitExit()).as("exit code").isEqualTo(128 + 9);
        assertThat(onB.askLong("get-until", region, 2 * pageSize, TRY_MS)).isEqualTo(5);
        assertThat(onA.askLong("get-until", region, 3 * pageSize, TRY_MS))
                .as("a program that went on is left alone")
                .isEqualTo(6);
    }

    private Path exported() throws IOException {
        byte[] content = new byte[16 * pageSize];
        Arrays.fill(content, (byte) 3);
        return Files.write(folder.resolve(region), content);
    }

    @Test
    void shouldSayThatACreatedRegionIsLostWithItsOwnersDaemon() {
        share(16, 7);
        a.kill();
        a.start();

        Await.until("b to learn that the region is lost")
                .untilAsserted(() -> assertThat(
                                failure(onB, "get", region, 3 * pageSize).cause())
                        .isEqualTo("DATA_LOST"));
        Await.until("a's program to learn that the region is lost")
                .untilAsserted(() -> assertThat(
                                failure(onA, "get", region, 3 * pageSize).cause())
                        .isEqualTo("DATA_LOST"));

        App fresh = cluster.app(a);
        assertThat(failure(fresh, "map", region).type()).isEqualTo("RegionLostException");
        fresh.ask("delete", region);
        fresh.ask("create", region, 4 * pageSize, pageSize);
        fresh.ask("map", region);
        assertThat(fresh.askLong("get", region, 0)).isZero();
    }

    @Test
    void shouldGoOnWithoutAProgramThatWasKilledWithWriteAccess() {
        share(16, 7);
        App doomed = cluster.app(a);
        Map<String, Integer> descriptors = a.steadyDescriptors();
        doomed.ask("map", region);
        doomed.ask("put", region, 4 * pageSize, 44);

        doomed.kill();

        assertThat(onB.askLong("get", region, 4 * pageSize)).isEqualTo(44);
        onA.ask("put", region, 4 * pageSize, 45);
        assertThat(onB.askLong("get", region, 4 * pageSize)).isEqualTo(45);
        Await.until("a to let go of the dead program")
                .untilAsserted(() -> assertThat(a.descriptors()).isEqualTo(descriptors));
    }

    @Test
    void shouldForgetAReadOfAProgramThatWasKilledWhileItWaited() {
        share(16, 7);
        App doomed = cluster.app(b);
        doomed.ask("map", region);
        doomed.ask("get", region, 0);
        way.cut();
        long remote = b.counter(region, "foundRemote");
        doomed.send("get", region, 6 * pageSize);
        Await.until("the read").until(() -> b.counter(region, "foundRemote") > remote);

        doomed.kill();
        way.heal();

        onA.ask("put", region, 6 * pageSize, 66);
        assertThat(onB.askLong("get-until", region, 6 * pageSize, TRY_MS)).isEqualTo(66);
        Await.until("b to let go of the dead program")
                .untilAsserted(() -> assertThat(b.status().path("mappings").findValuesAsText("pid"))
                        .doesNotContain(Long.toString(doomed.pid())));
    }
}
