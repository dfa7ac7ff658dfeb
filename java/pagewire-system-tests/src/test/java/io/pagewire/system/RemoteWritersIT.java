package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** Regions that every host may write, and those that only their owner may (SPEC: V5, V7). */
@ExtendWith(LogsOnFailure.class)
@EveryPageSize
class RemoteWritersIT {
    @Parameter
    int pageSize;

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static Host a;
    private static Host b;
    private static Host c;
    private static App onA;
    private static App onB;
    private static App onC;

    @BeforeAll
    static void start() {
        cluster = new Cluster(folder);
        a = cluster.host("a");
        // Nothing goes home by itself here, so that it is known who has what; WritebackIT is about the rest.
        b = cluster.host("b", "--dirty-max", "0");
        c = cluster.host("c", "--dirty-max", "0");
        onA = cluster.app(a);
        onB = cluster.app(b);
        onC = cluster.app(c);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    private void share(String name, App... programs) {
        onA.ask("create-any", name, 64 * pageSize, pageSize);
        for (App program : programs) {
            program.ask("map", name);
        }
    }

    @Test
    void shouldRefuseAStoreFromAnotherHostWhereOnlyTheOwnerWrites() {
        String region = "owned-" + pageSize;
        onA.ask("create", region, 4 * pageSize, pageSize);
        onA.ask("map", region);
        onB.ask("map", region);
        App c = cluster.cApp(b);
        c.ask("map", region);

        AppFailure java = catchThrowableOfType(AppFailure.class, () -> onB.ask("put", region, 0, 1));
        AppFailure native_ = catchThrowableOfType(AppFailure.class, () -> c.ask("put", region, 0, 1));
        AppFailure forced = catchThrowableOfType(AppFailure.class, () -> c.ask("make-writable", region));

        assertThat(java.cause()).isEqualTo("READ_ONLY");
        assertThat(native_.type()).isEqualTo("SIGBUS");
        assertThat(forced.type()).isEqualTo("EACCES");
        assertThat(onA.askLong("get", region, 0)).isZero();
    }

    @Test
    void shouldShowEveryHostWhatAnyHostHasWritten() {
        String region = "any-" + pageSize;
        share(region, onA, onB, onC);
        App cOnB = cluster.cApp(b);
        cOnB.ask("map", region);
        App[] writers = {onB, cOnB, onA, onC, cOnB, onB};
        for (int n = 1; n <= 60; n++) {
            long offset = n % 3 * pageSize + 64;
            writers[n % writers.length].ask("put", region, offset, n);
            for (App reader : new App[] {onA, onB, onC, cOnB}) {
                assertThat(reader.askLong("get", region, offset)).isEqualTo(n);
            }
        }
        for (Host host : new Host[] {b, c}) {
            assertThat(host.counter(region, "wants")).isPositive();
        }
        assertThat(a.counter(region, "pagesLost")).isZero();
    }

    @Test
    void shouldKeepThePageOfAWriterUntilAnotherHostNeedsIt() {
        String region = "kept-" + pageSize;
        share(region, onA, onB);
        onB.ask("put", region, 0, 1);
        long wants = b.counter(region, "wants");
        for (int n = 2; n < 50; n++) {
            onB.ask("put", region, 0, n);
        }
        assertThat(b.counter(region, "wants")).isEqualTo(wants);
        assertThat(onA.askLong("get", region, 0)).isEqualTo(49);
        assertThat(a.counter(region, "recalls")).isEqualTo(1);
    }

    @Test
    void shouldLetACopyBeWrittenWithoutSendingItAgain() {
        String region = "upgrade-" + pageSize;
        share(region, onA, onB);
        onA.ask("put", region, 8 * pageSize, 7);
        assertThat(onB.askLong("get", region, 8 * pageSize)).isEqualTo(7);
        long received = received(b, region);
        long upgrades = b.counter(region, "upgrades");

        onB.ask("put", region, 8 * pageSize, 8);

        assertThat(received(b, region) - received)
                .as("bytes that came for the upgrade")
                .isLessThan(pageSize / 2);
        assertThat(b.counter(region, "upgrades")).isEqualTo(upgrades + 1);
        assertThat(onA.askLong("get", region, 8 * pageSize)).isEqualTo(8);
    }

    private static long received(Host host, String region) {
        for (JsonNode circuit : host.query("circuits").path("circuits")) {
            if (circuit.path("region").asText().equals(region)) {
                return circuit.path("receivedBytes").asLong();
            }
        }
        throw new AssertionError("host " + host + " has no circuit for " + region);
    }

    /** Turns are shared by time; of large pages much of a turn is the way of the page. */
    private int leastShare() {
        return pageSize <= 64 << 10 ? 3 : 10;
    }

    @Test
    void shouldLoseNoIncrementOfTwoHostsThatCountOnOnePage() {
        String region = "counters-" + pageSize;
        share(region, onA, onB, onC);
        onB.ask("get", region, 0);
        onC.ask("get", region, 0);

        CompletableFuture<String> fromB = onB.send("increment", region, 0, 4000);
        CompletableFuture<String> fromC = onC.send("increment", region, 0, 4000);
        long byB = Long.parseLong(App.await(fromB));
        long byC = Long.parseLong(App.await(fromC));

        assertThat(onA.askLong("get", region, 0)).isEqualTo(byB + byC);
        assertThat(Math.min(byB, byC))
                .as("of %d and %d increments", byB, byC)
                .isGreaterThanOrEqualTo((byB + byC) / leastShare());
    }

    @Test
    void shouldLoseNoIncrementOfTheOwnerAndAnotherHostThatCountOnOnePage() {
        String region = "home-counters-" + pageSize;
        share(region, onA, onB);
        onB.ask("get", region, 0);

        CompletableFuture<String> fromA = onA.send("increment", region, 0, 4000);
        CompletableFuture<String> fromB = onB.send("increment", region, 0, 4000);
        long byA = Long.parseLong(App.await(fromA));
        long byB = Long.parseLong(App.await(fromB));

        assertThat(onA.askLong("get", region, 0)).isEqualTo(byA + byB);
        assertThat(Math.min(byA, byB))
                .as("of %d and %d increments", byA, byB)
                .isGreaterThanOrEqualTo((byA + byB) / leastShare());
    }

    @Test
    void shouldHaveInTheFileWhatAnotherHostHasForced() throws IOException {
        String region = "forced-" + pageSize;
        Path file = Files.write(folder.resolve(region), new byte[3 * pageSize + 100]);
        onA.ask("export-any", region, file, pageSize);
        onB.ask("map", region);
        onB.ask("put", region, 2 * pageSize, 0x1122334455667788L);
        onB.ask("put", region, 3 * pageSize + 8, 99);

        onB.ask("force", region);

        assertThat(longAt(file, 2 * pageSize)).isEqualTo(0x1122334455667788L);
        assertThat(longAt(file, 3 * pageSize + 8)).isEqualTo(99);
        assertThat(Files.size(file)).isEqualTo(3 * pageSize + 100);
        onB.ask("put", region, 2 * pageSize, 5);
        onA.ask("map", region);
        assertThat(onA.askLong("get", region, 2 * pageSize)).isEqualTo(5);
    }

    private static long longAt(Path file, int offset) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.nativeOrder())
                .getLong(offset);
    }

    @Test
    void shouldBringEveryPageHomeThatALongRunWasWrittenInto() throws IOException {
        String region = "long-" + pageSize;
        int pages = Math.min(2048, (32 << 20) / pageSize);
        Path file = Files.write(folder.resolve(region), new byte[pages * pageSize]);
        onA.ask("export-any", region, file, pageSize);
        onB.ask("map", region);
        onB.ask("fill", region, 0, pages * pageSize, 7);

        onB.ask("force", region);

        byte[] expected = new byte[pages * pageSize];
        Arrays.fill(expected, (byte) 7);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected);
    }

    @Test
    void shouldWriteBackWhatAProgramHasWrittenBeforeItsLastMappingGoes() {
        String region = "unmapped-" + pageSize;
        share(region, onA, onB);
        onB.ask("put", region, 5 * pageSize, 55);
        onB.ask("close", region);

        assertThat(onA.askLong("get", region, 5 * pageSize)).isEqualTo(55);
        assertThat(a.status().path("losses").findValuesAsText("region")).doesNotContain(region);
        onB.ask("map", region);
        assertThat(onB.askLong("get", region, 5 * pageSize)).isEqualTo(55);
    }

    @Test
    void shouldCallForReadingOnlyUntilAProgramMeansToWrite() {
        String region = "later-" + pageSize;
        onA.ask("create-any", region, 4 * pageSize, pageSize);
        App reader = cluster.app(b);
        reader.ask("map-read-only", region);
        assertThat(reader.askLong("get", region, 0)).isZero();
        assertThat(right(b, region)).isEqualTo("read");
        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> reader.ask("put", region, 0, 1));
        assertThat(failure.cause()).isEqualTo("READ_ONLY");

        onB.ask("map", region);
        onB.ask("put", region, 0, 3);

        assertThat(right(b, region)).isEqualTo("write");
        assertThat(reader.askLong("get", region, 0)).isEqualTo(3);
    }

    private static String right(Host host, String region) {
        for (JsonNode circuit : host.query("circuits").path("circuits")) {
            if (circuit.path("region").asText().equals(region)) {
                return circuit.path("right").asText();
            }
        }
        throw new AssertionError("host " + host + " has no circuit for " + region);
    }

    @Test
    void shouldRefuseToExportAFileForEveryWriterThatItMayNotWrite() throws IOException {
        String region = "closed-" + pageSize;
        Path file = Files.write(folder.resolve(region), new byte[pageSize]);
        assertThat(file.toFile().setWritable(false)).isTrue();
        if (Files.isWritable(file)) {
            return; // root may write it all the same
        }
        AppFailure failure =
                catchThrowableOfType(AppFailure.class, () -> onA.ask("export-any", region, file, pageSize));
        assertThat(failure).hasMessageContaining("cannot be opened for writing");
    }
}
