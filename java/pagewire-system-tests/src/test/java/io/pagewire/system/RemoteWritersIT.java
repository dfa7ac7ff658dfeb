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

/** Regions that every host may write, and those that only their owner may (SPEC: V5, V7). */
@ExtendWith(LogsOnFailure.class)
class RemoteWritersIT {
    private static final int PAGE = 4096;

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

    private static void share(String name, App... programs) {
        onA.ask("create-any", name, 64 * PAGE, PAGE);
        for (App program : programs) {
            program.ask("map", name);
        }
    }

    @Test
    void shouldRefuseAStoreFromAnotherHostWhereOnlyTheOwnerWrites() {
        onA.ask("create", "owned", 4 * PAGE, PAGE);
        onA.ask("map", "owned");
        onB.ask("map", "owned");
        App c = cluster.cApp(b);
        c.ask("map", "owned");

        AppFailure java = catchThrowableOfType(AppFailure.class, () -> onB.ask("put", "owned", 0, 1));
        AppFailure native_ = catchThrowableOfType(AppFailure.class, () -> c.ask("put", "owned", 0, 1));
        AppFailure forced = catchThrowableOfType(AppFailure.class, () -> c.ask("make-writable", "owned"));

        assertThat(java.cause()).isEqualTo("READ_ONLY");
        assertThat(native_.type()).isEqualTo("SIGBUS");
        assertThat(forced.type()).isEqualTo("EACCES");
        assertThat(onA.askLong("get", "owned", 0)).isZero();
    }

    @Test
    void shouldShowEveryHostWhatAnyHostHasWritten() {
        share("any", onA, onB, onC);
        App cOnB = cluster.cApp(b);
        cOnB.ask("map", "any");
        App[] writers = {onB, cOnB, onA, onC, cOnB, onB};
        for (int n = 1; n <= 60; n++) {
            long offset = n % 3 * PAGE + 64;
            writers[n % writers.length].ask("put", "any", offset, n);
            for (App reader : new App[] {onA, onB, onC, cOnB}) {
                assertThat(reader.askLong("get", "any", offset)).isEqualTo(n);
            }
        }
        for (Host host : new Host[] {b, c}) {
            assertThat(host.counter("any", "wants")).isPositive();
        }
        assertThat(a.counter("any", "pagesLost")).isZero();
    }

    @Test
    void shouldKeepThePageOfAWriterUntilAnotherHostNeedsIt() {
        share("kept", onA, onB);
        onB.ask("put", "kept", 0, 1);
        long wants = b.counter("kept", "wants");
        for (int n = 2; n < 50; n++) {
            onB.ask("put", "kept", 0, n);
        }
        assertThat(b.counter("kept", "wants")).isEqualTo(wants);
        assertThat(onA.askLong("get", "kept", 0)).isEqualTo(49);
        assertThat(a.counter("kept", "recalls")).isEqualTo(1);
    }

    @Test
    void shouldLetACopyBeWrittenWithoutSendingItAgain() {
        share("upgrade", onA, onB);
        onA.ask("put", "upgrade", 8 * PAGE, 7);
        assertThat(onB.askLong("get", "upgrade", 8 * PAGE)).isEqualTo(7);
        long received = received(b, "upgrade");
        long upgrades = b.counter("upgrade", "upgrades");

        onB.ask("put", "upgrade", 8 * PAGE, 8);

        assertThat(received(b, "upgrade") - received)
                .as("bytes that came for the upgrade")
                .isLessThan(PAGE / 2);
        assertThat(b.counter("upgrade", "upgrades")).isEqualTo(upgrades + 1);
        assertThat(onA.askLong("get", "upgrade", 8 * PAGE)).isEqualTo(8);
    }

    private static long received(Host host, String region) {
        for (JsonNode circuit : host.query("circuits").path("circuits")) {
            if (circuit.path("region").asText().equals(region)) {
                return circuit.path("receivedBytes").asLong();
            }
        }
        throw new AssertionError("host " + host + " has no circuit for " + region);
    }

    @Test
    void shouldLoseNoIncrementOfTwoHostsThatCountOnOnePage() {
        share("counters", onA, onB, onC);
        onB.ask("get", "counters", 0);
        onC.ask("get", "counters", 0);

        CompletableFuture<String> fromB = onB.send("increment", "counters", 0, 4000);
        CompletableFuture<String> fromC = onC.send("increment", "counters", 0, 4000);
        long byB = Long.parseLong(App.await(fromB));
        long byC = Long.parseLong(App.await(fromC));

        assertThat(onA.askLong("get", "counters", 0)).isEqualTo(byB + byC);
        assertThat(Math.min(byB, byC)).as("of %d and %d increments", byB, byC).isGreaterThanOrEqualTo((byB + byC) / 3);
    }

    @Test
    void shouldLoseNoIncrementOfTheOwnerAndAnotherHostThatCountOnOnePage() {
        share("home-counters", onA, onB);
        onB.ask("get", "home-counters", 0);

        CompletableFuture<String> fromA = onA.send("increment", "home-counters", 0, 4000);
        CompletableFuture<String> fromB = onB.send("increment", "home-counters", 0, 4000);
        long byA = Long.parseLong(App.await(fromA));
        long byB = Long.parseLong(App.await(fromB));

        assertThat(onA.askLong("get", "home-counters", 0)).isEqualTo(byA + byB);
        assertThat(Math.min(byA, byB)).as("of %d and %d increments", byA, byB).isGreaterThanOrEqualTo((byA + byB) / 3);
    }

    @Test
    void shouldHaveInTheFileWhatAnotherHostHasForced() throws IOException {
        Path file = Files.write(folder.resolve("forced"), new byte[3 * PAGE + 100]);
        onA.ask("export-any", "forced", file, PAGE);
        onB.ask("map", "forced");
        onB.ask("put", "forced", 2 * PAGE, 0x1122334455667788L);
        onB.ask("put", "forced", 3 * PAGE + 8, 99);

        onB.ask("force", "forced");

        assertThat(longAt(file, 2 * PAGE)).isEqualTo(0x1122334455667788L);
        assertThat(longAt(file, 3 * PAGE + 8)).isEqualTo(99);
        assertThat(Files.size(file)).isEqualTo(3 * PAGE + 100);
        onB.ask("put", "forced", 2 * PAGE, 5);
        onA.ask("map", "forced");
        assertThat(onA.askLong("get", "forced", 2 * PAGE)).isEqualTo(5);
    }

    private static long longAt(Path file, int offset) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.nativeOrder())
                .getLong(offset);
    }

    @Test
    void shouldBringEveryPageHomeThatALongRunWasWrittenInto() throws IOException {
        int pages = 2048;
        Path file = Files.write(folder.resolve("long"), new byte[pages * PAGE]);
        onA.ask("export-any", "long", file, PAGE);
        onB.ask("map", "long");
        onB.ask("fill", "long", 0, pages * PAGE, 7);

        onB.ask("force", "long");

        byte[] expected = new byte[pages * PAGE];
        Arrays.fill(expected, (byte) 7);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected);
    }

    @Test
    void shouldWriteBackWhatAProgramHasWrittenBeforeItsLastMappingGoes() {
        share("unmapped", onA, onB);
        onB.ask("put", "unmapped", 5 * PAGE, 55);
        onB.ask("close", "unmapped");

        assertThat(onA.askLong("get", "unmapped", 5 * PAGE)).isEqualTo(55);
        assertThat(a.status().path("losses").findValuesAsText("region")).doesNotContain("unmapped");
        onB.ask("map", "unmapped");
        assertThat(onB.askLong("get", "unmapped", 5 * PAGE)).isEqualTo(55);
    }

    @Test
    void shouldCallForReadingOnlyUntilAProgramMeansToWrite() {
        onA.ask("create-any", "later", 4 * PAGE, PAGE);
        App reader = cluster.app(b);
        reader.ask("map-read-only", "later");
        assertThat(reader.askLong("get", "later", 0)).isZero();
        assertThat(right(b, "later")).isEqualTo("read");
        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> reader.ask("put", "later", 0, 1));
        assertThat(failure.cause()).isEqualTo("READ_ONLY");

        onB.ask("map", "later");
        onB.ask("put", "later", 0, 3);

        assertThat(right(b, "later")).isEqualTo("write");
        assertThat(reader.askLong("get", "later", 0)).isEqualTo(3);
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
        Path file = Files.write(folder.resolve("closed"), new byte[PAGE]);
        assertThat(file.toFile().setWritable(false)).isTrue();
        if (Files.isWritable(file)) {
            return; // root may write it all the same
        }
        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> onA.ask("export-any", "closed", file, PAGE));
        assertThat(failure).hasMessageContaining("may not be written");
    }
}
