package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** No stale read after a completed write, and no more messages than that takes (SPEC: V4, O4-O6). */
@ExtendWith(LogsOnFailure.class)
class CoherenceIT {
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
        b = cluster.host("b");
        c = cluster.host("c");
        onA = cluster.app(a);
        onB = cluster.app(b);
        onC = cluster.app(c);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    private static void createOnA(String name, App... readers) {
        onA.ask("create", name, 64 * PAGE, PAGE);
        onA.ask("map", name);
        for (App reader : readers) {
            reader.ask("map", name);
        }
    }

    @Test
    void shouldNeverShowAReaderAnOlderValueThanACompletedStoreLeft() {
        createOnA("clock", onB, onC);
        List<App> readers = new ArrayList<>(List.of(onB, onC));
        for (Host host : new Host[] {b, b, c, c}) {
            App reader = cluster.app(host);
            reader.ask("map", "clock");
            readers.add(reader);
        }
        App localReader = cluster.app(a);
        localReader.ask("map", "clock");
        readers.add(localReader);
        Path clock = folder.resolve("clock");
        List<CompletableFuture<String>> reading = new ArrayList<>();
        for (App reader : readers) {
            reading.add(reader.send("read-clock", "clock", 100, clock));
        }
        CompletableFuture<String> writing = onA.send("write-clock", "clock", Integer.MAX_VALUE, clock);

        for (CompletableFuture<String> result : reading) {
            String[] figures = App.await(result).split(" "); // a reader that saw a wrong value fails here
            assertThat(figures[0]).as("different values that a reader saw").isEqualTo("100");
            assertThat(figures[2]).as("pages that could not be had").isEqualTo("0");
        }
        onA.ask("stop-loops");
        assertThat(Long.parseLong(App.await(writing))).isGreaterThanOrEqualTo(100);
    }

    @Test
    void shouldPurgeEachCopyOnceBeforeAWriteAndNothingWhenThereIsNone() {
        createOnA("purges", onB, onC);
        onA.ask("put", "purges", 20 * PAGE, 1);
        assertThat(onB.askLong("get", "purges", 20 * PAGE)).isEqualTo(1);
        assertThat(onC.askLong("get", "purges", 20 * PAGE)).isEqualTo(1);
        long purges = a.counter("purges", "purges");

        onA.ask("put", "purges", 20 * PAGE, 2);
        assertThat(a.counter("purges", "purges")).as("two copies").isEqualTo(purges + 2);

        onA.ask("put", "purges", 20 * PAGE, 3);
        onA.ask("put", "purges", 40 * PAGE, 3);
        assertThat(a.counter("purges", "purges")).as("no copy").isEqualTo(purges + 2);

        assertThat(onB.askLong("get", "purges", 20 * PAGE)).isEqualTo(3);
        onA.ask("put", "purges", 20 * PAGE, 4);
        assertThat(a.counter("purges", "purges")).as("one copy").isEqualTo(purges + 3);
        assertThat(onC.askLong("get", "purges", 20 * PAGE)).isEqualTo(4);
        assertThat(a.counter("purges", "purgeAnswers")).isEqualTo(a.counter("purges", "purges"));
    }

    @Test
    void shouldFetchAnAbsentPageOnceForThreadsThatWantItTogether() {
        createOnA("together", onB);
        App second = cluster.app(b);
        second.ask("map", "together");
        onB.ask("get", "together", 0); // the circuit is up
        for (int page = 10; page < 60; page += 7) {
            long fetches = b.counter("together", "fetches");
            CompletableFuture<String> first = onB.send("touch-together", "together", page, 4);
            CompletableFuture<String> other = second.send("touch-together", "together", page, 4);
            App.await(first);
            App.await(other);
            assertThat(b.counter("together", "fetches")).as("page %d", page).isEqualTo(fetches + 1);
        }
    }

    @Test
    void shouldMoveNoDataWhenACopyIsPurgedOnlyWhenItIsReadAgain() {
        createOnA("lazy", onB);
        onA.ask("put", "lazy", 8 * PAGE, 1);
        onB.ask("get", "lazy", 8 * PAGE);
        long sent = a.counter("lazy", "pagesSent");

        for (int n = 0; n < 20; n++) {
            onA.ask("put", "lazy", 8 * PAGE, n);
        }
        assertThat(a.counter("lazy", "pagesSent")).isEqualTo(sent);

        assertThat(onB.askLong("get", "lazy", 8 * PAGE)).isEqualTo(19);
        assertThat(a.counter("lazy", "pagesSent")).isEqualTo(sent + 1);
    }

    @Test
    void shouldReadAheadOfASequentialReader() throws IOException {
        onA.ask("export", "scan", Files.write(folder.resolve("scan"), new byte[512 * PAGE]), PAGE);
        onB.ask("map", "scan");

        onB.ask("touch", "scan", 0, 512);

        assertThat(b.counter("scan", "fetches")).as("fetches for 512 pages").isLessThan(64);
        assertThat(b.counter("scan", "pagesArrived")).isGreaterThanOrEqualTo(512);
    }

    @Test
    void shouldTakeNoPageFromALocalWriterByReadingAhead() {
        onA.ask("create", "writer", 64 * PAGE, PAGE);
        onA.ask("map", "writer");
        onA.ask("fill", "writer", 0, 64 * PAGE, 1);
        onB.ask("map", "writer");

        onB.ask("touch", "writer", 0, 32);
        long faults = onA.askLong("stats", "writer", "write-faults");
        onA.ask("fill", "writer", 32 * PAGE, 32 * PAGE, 2);

        assertThat(onA.askLong("stats", "writer", "write-faults")).isEqualTo(faults);
        assertThat(onB.askLong("byte", "writer", 40 * PAGE)).isEqualTo(2);
    }
}
