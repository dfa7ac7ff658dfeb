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
import org.junit.jupiter.params.Parameter;

/** No stale read after a completed write, and no more messages than that takes (SPEC: V4, O4-O6). */
@ExtendWith(LogsOnFailure.class)
@EveryPageSize
class CoherenceIT {
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

    private void createOnA(String name, App... readers) {
        onA.ask("create", name, 64 * pageSize, pageSize);
        onA.ask("map", name);
        for (App reader : readers) {
            reader.ask("map", name);
        }
    }

    @Test
    void shouldNeverShowAReaderAnOlderValueThanACompletedStoreLeft() {
        String region = "clock-" + pageSize;
        createOnA(region, onB, onC);
        List<App> readers = new ArrayList<>(List.of(onB, onC));
        for (Host host : new Host[] {b, b, c, c}) {
            App reader = cluster.app(host);
            reader.ask("map", region);
            readers.add(reader);
        }
        App localReader = cluster.app(a);
        localReader.ask("map", region);
        readers.add(localReader);
        Path clock = folder.resolve(region);
        List<CompletableFuture<String>> reading = new ArrayList<>();
        for (App reader : readers) {
            reading.add(reader.send("read-clock", region, 100, clock));
        }
        CompletableFuture<String> writing = onA.send("write-clock", region, Integer.MAX_VALUE, clock);

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
        String region = "purges-" + pageSize;
        createOnA(region, onB, onC);
        onA.ask("put", region, 20 * pageSize, 1);
        assertThat(onB.askLong("get", region, 20 * pageSize)).isEqualTo(1);
        assertThat(onC.askLong("get", region, 20 * pageSize)).isEqualTo(1);
        long purges = a.counter(region, "purges");

        onA.ask("put", region, 20 * pageSize, 2);
        assertThat(a.counter(region, "purges")).as("two copies").isEqualTo(purges + 2);

        onA.ask("put", region, 20 * pageSize, 3);
        onA.ask("put", region, 40 * pageSize, 3);
        assertThat(a.counter(region, "purges")).as("no copy").isEqualTo(purges + 2);

        assertThat(onB.askLong("get", region, 20 * pageSize)).isEqualTo(3);
        onA.ask("put", region, 20 * pageSize, 4);
        assertThat(a.counter(region, "purges")).as("one copy").isEqualTo(purges + 3);
        assertThat(onC.askLong("get", region, 20 * pageSize)).isEqualTo(4);
        assertThat(a.counter(region, "purgeAnswers")).isEqualTo(a.counter(region, "purges"));
    }

    @Test
    void shouldFetchAnAbsentPageOnceForThreadsThatWantItTogether() {
        String region = "together-" + pageSize;
        createOnA(region, onB);
        App second = cluster.app(b);
        second.ask("map", region);
        onB.ask("get", region, 0); // the circuit is up
        for (int page = 10; page < 60; page += 7) {
            long fetches = b.counter(region, "fetches");
            CompletableFuture<String> first = onB.send("touch-together", region, page, 4);
            CompletableFuture<String> other = second.send("touch-together", region, page, 4);
            App.await(first);
            App.await(other);
            assertThat(b.counter(region, "fetches")).as("page %d", page).isEqualTo(fetches + 1);
        }
    }

    @Test
    void shouldMoveNoDataWhenACopyIsPurgedOnlyWhenItIsReadAgain() {
        String region = "lazy-" + pageSize;
        createOnA(region, onB);
        onA.ask("put", region, 8 * pageSize, 1);
        onB.ask("get", region, 8 * pageSize);
        long sent = a.counter(region, "pagesSent");

        for (int n = 0; n < 20; n++) {
            onA.ask("put", region, 8 * pageSize, n);
        }
        assertThat(a.counter(region, "pagesSent")).isEqualTo(sent);

        assertThat(onB.askLong("get", region, 8 * pageSize)).isEqualTo(19);
        assertThat(a.counter(region, "pagesSent")).isEqualTo(sent + 1);
    }

    @Test
    void shouldReadAheadOfASequentialReader() throws IOException {
        String region = "scan-" + pageSize;
        int pages = Math.min(512, (64 << 20) / pageSize);
        int ahead = Math.max(1, Math.min(8, (128 << 10) / pageSize)); // bytes are bounded, not only pages
        onA.ask("export", region, Files.write(folder.resolve(region), new byte[pages * pageSize]), pageSize);
        onB.ask("map", region);

        onB.ask("touch", region, 0, pages);

        assertThat(b.counter(region, "fetches"))
                .as("fetches for %d pages", pages)
                .isLessThanOrEqualTo(pages / ahead);
        assertThat(b.counter(region, "pagesArrived")).isGreaterThanOrEqualTo(pages);
    }

    @Test
    void shouldTakeNoPageFromALocalWriterByReadingAhead() {
        String region = "writer-" + pageSize;
        onA.ask("create", region, 64 * pageSize, pageSize);
        onA.ask("map", region);
        onA.ask("fill", region, 0, 64 * pageSize, 1);
        onB.ask("map", region);

        onB.ask("touch", region, 0, 32);
        long faults = onA.askLong("stats", region, "write-faults");
        onA.ask("fill", region, 32 * pageSize, 32 * pageSize, 2);

        assertThat(onA.askLong("stats", region, "write-faults")).isEqualTo(faults);
        assertThat(onB.askLong("byte", region, 40 * pageSize)).isEqualTo(2);
    }
}
