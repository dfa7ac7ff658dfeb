package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Regions that are larger than the memory for frames (SPEC: V7). */
@ExtendWith(LogsOnFailure.class)
@EveryPageSize
class MemoryPressureIT {
    private final int pageSize;

    /** Bytes for frames: no fewer than a region needs. */
    private final int max;

    private final int pages;
    private final int writes;

    /** Bytes that come home take frames beyond the bound; so many can be on their way at most. */
    private final long reserve;

    @TempDir
    Path folder;

    private Cluster cluster;
    private Host a;
    private Host b;
    private App onA;
    private App onB;

    @BeforeEach
    void open() {
        cluster = new Cluster(folder);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    MemoryPressureIT(int pageSize) {
        this.pageSize = pageSize;
        max = Math.max(2 << 20, 16 * pageSize);
        pages = 8 * max / pageSize;
        writes = Math.max(50, (int) (6000L * 4096 / pageSize));
        reserve = 64L * pageSize;
    }

    private void start(String... spill) {
        String[] options = new String[spill.length + 2];
        options[0] = "--frames-max";
        options[1] = Integer.toString(max);
        System.arraycopy(spill, 0, options, 2, spill.length);
        a = cluster.host("a", options);
        b = cluster.host("b", options);
        onA = cluster.app(a);
        onB = cluster.app(b);
    }

    /** Bytes on disk that are enough for everything here. */
    private String plenty() {
        return Integer.toString(32 * max);
    }

    private void share(String create) {
        onA.ask(create, "large", (long) pages * pageSize, pageSize);
        onA.ask("map", "large");
        onB.ask("map", "large");
    }

    /** Looks at the memory of both hosts until all of this is done. */
    private void withinTheBound(List<CompletableFuture<String>> work) {
        CompletableFuture<Void> all = CompletableFuture.allOf(work.toArray(CompletableFuture[]::new));
        do {
            for (Host host : List.of(a, b)) {
                assertThat(Frames.used(host)).isLessThanOrEqualTo(max + reserve);
                assertThat(Frames.allocated(host)).isLessThanOrEqualTo(max + reserve);
            }
        } while (!isDoneSoon(all));
        work.forEach(App::await);
    }

    private static boolean isDoneSoon(CompletableFuture<Void> work) {
        try {
            work.get(100, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true; // whoever waits for the work hears why it failed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private void check(App app, int writer, int seed, int made, boolean forward) {
        String way = forward ? "forward" : "backward";
        assertThat(app.askLong("check-seeded", "large", writer, seed, made, pages, way))
                .isEqualTo(pages);
    }

    private static void assertNoFileIn(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldScanWriteAtRandomAndVerifyEightTimesWhatFitsIntoMemory(boolean spillCopies) throws Exception {
        start(spillCopies ? new String[] {"--spill-max", plenty()} : new String[0]);
        share("create");

        withinTheBound(List.of(onA.send("fill-seeded", "large", 0, 0, pages)));
        check(onA, 0, 0, 0, true);
        check(onB, 0, 0, 0, true);
        withinTheBound(List.of(onA.send("scramble", "large", 0, 42, writes), onB.send("touch", "large", 0, pages)));
        check(onB, 0, 42, writes, false);
        check(onA, 0, 42, writes, false);
        check(onB, 0, 42, writes, true);

        assertThat(a.counter("large", "pagesSpilled")).isGreaterThan(pages);
        assertThat(a.counter("large", "pagesLoaded")).isGreaterThan(pages);
        assertThat(Frames.of(a).path("spilled").asLong())
                .isGreaterThanOrEqualTo((long) (pages - max / pageSize) * pageSize)
                .isLessThanOrEqualTo(Frames.of(a).path("spillFile").asLong());
        if (spillCopies) {
            assertThat(b.counter("large", "pagesLoaded")).isPositive();
        } else {
            assertThat(b.counter("large", "pagesSpilled")).isZero();
            assertThat(b.counter("large", "pagesEvicted")).isGreaterThan(pages);
        }
        assertNoFileIn(a.data().resolve("spill"));
        a.kill();
        assertNoFileIn(a.data().resolve("spill"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepWhatTwoHostsWriteAtRandomIntoTheSamePages(boolean spillCopies) {
        start(spillCopies ? new String[] {"--spill-max", plenty()} : new String[0]);
        share("create-any");

        withinTheBound(
                List.of(onA.send("fill-seeded", "large", 0, 0, pages), onB.send("fill-seeded", "large", 1, 0, pages)));
        withinTheBound(
                List.of(onA.send("scramble", "large", 0, 7, writes), onB.send("scramble", "large", 1, 8, writes)));

        check(onA, 0, 7, writes, true);
        check(onA, 1, 8, writes, true);
        check(onB, 0, 7, writes, false);
        check(onB, 1, 8, writes, false);
    }

    @Test
    void shouldShareTheMemoryAmongTheRegionsOfADaemon() {
        start();
        share("create");
        onB.ask("create", "other", (long) pages * pageSize, pageSize);
        for (App app : List.of(onA, onB)) {
            app.ask("map", "other");
        }
        withinTheBound(
                List.of(onA.send("fill-seeded", "large", 0, 0, pages), onB.send("fill-seeded", "other", 0, 0, pages)));
        withinTheBound(List.of(
                onA.send("scramble", "large", 0, 1, writes),
                onB.send("scramble", "other", 0, 2, writes),
                onA.send("touch", "other", 0, pages),
                onB.send("touch", "large", 0, pages)));
        check(onB, 0, 1, writes, true);
        assertThat(onA.askLong("check-seeded", "other", 0, 2, writes, pages, "forward"))
                .isEqualTo(pages);
    }

    @Test
    void shouldFailWritersWhenTheSpillFileIsFullAndLoseNothing() {
        a = cluster.host("a", "--frames-max", "" + max, "--spill-max", "" + 2 * max);
        onA = cluster.app(a);
        onA.ask("create", "ballast", 3L * max / 2, pageSize);
        onA.ask("map", "ballast");
        onA.ask("fill-seeded", "ballast", 0, 0, 3 * max / 2 / pageSize);
        onA.ask("create", "large", (long) pages * pageSize, pageSize);
        onA.ask("map", "large");
        int fits = 3 * max / 2 / pageSize; // of what fits into memory and on disk half is taken
        int half = fits / 2;
        onA.ask("fill-seeded", "large", 0, 0, half);

        AppFailure full = catchThrowableOfType(AppFailure.class, () -> onA.ask("fill-seeded", "large", 0, half, pages));

        assertThat(full.cause()).isEqualTo("NO_MEMORY");
        assertThat(full).hasMessageContaining("dsmd's log says what is used up");
        assertThat(a.log()).contains("have reached --spill-max (" + 2 * max + " bytes)");
        onA.ask("close", "ballast");
        onA.ask("delete", "ballast");
        Await.until("the space of the deleted region")
                .until(() -> Frames.of(a).path("used").asLong() < max);
        assertThat(onA.askLong("check-seeded", "large", 0, 0, 0, half, "forward"))
                .isEqualTo(half);
        onA.ask("fill-seeded", "large", 0, half, fits);
        assertThat(onA.askLong("check-seeded", "large", 0, 0, 0, fits, "backward"))
                .isEqualTo(fits);
    }

    @Test
    void shouldFailWritersWhenNothingMayBeSpilledAndStillReadWhatOthersOwn() {
        start("--spill-max", "0");
        share("create");

        AppFailure full = catchThrowableOfType(AppFailure.class, () -> onA.ask("fill-seeded", "large", 0, 0, pages));

        assertThat(full.cause()).isEqualTo("NO_MEMORY");
        assertThat(a.log()).contains("nothing may be spilled");
        assertThat(a.data().resolve("spill")).doesNotExist();
        assertThat(onA.askLong("check-seeded", "large", 0, 0, 0, max / pageSize / 2, "forward"))
                .isEqualTo(max / pageSize / 2);
        onB.ask("create", "small", max / 2, pageSize);
        onB.ask("map", "small");
        onB.ask("fill-seeded", "small", 0, 0, max / 2 / pageSize);
        assertThat(onB.askLong("check-seeded", "large", 0, 0, 0, max / pageSize / 2, "forward"))
                .isEqualTo(max / pageSize / 2);
        assertThat(onB.askLong("check-seeded", "small", 0, 0, 0, max / 2 / pageSize, "forward"))
                .isEqualTo(max / 2 / pageSize);
    }

    @Test
    void shouldFailWritersOnAFullDiskAndGoOnWhenThereIsSpace() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), "" + max / 2)) {
            a = cluster.host(
                    "a", "--frames-max", "" + max, "--spill-dir", disk.path().toString());
            onA = cluster.app(a);
            onA.ask("create", "large", (long) pages * pageSize, pageSize);
            onA.ask("map", "large");
            int before = max / pageSize;
            onA.ask("fill-seeded", "large", 0, 0, before);

            AppFailure full =
                    catchThrowableOfType(AppFailure.class, () -> onA.ask("fill-seeded", "large", 0, before, pages));

            assertThat(full.cause()).isEqualTo("NO_MEMORY");
            assertThat(a.log())
                    .contains("pages cannot be spilled to " + disk.path())
                    .contains("No space left on device; free space there");
            disk.grow(plenty());
            assertThat(onA.askLong("check-seeded", "large", 0, 0, 0, before, "forward"))
                    .isEqualTo(before);
            onA.ask("fill-seeded", "large", 0, before, pages);
            onA.ask("scramble", "large", 0, 3, writes);
            check(onA, 0, 3, writes, true);
            onA.close();
            a.close();
        }
    }

    @Test
    void shouldLeaveNothingBehindWhenTheRegionIsDeleted() {
        start("--spill-max", plenty());
        onA.ask("create", "first", pageSize, pageSize); // connects, so that what a connection takes is counted
        onB.ask("map", "first");
        var before = List.of(a.steadyDescriptors(), b.steadyDescriptors());
        for (int round = 0; round < 2; round++) {
            share("create");
            onA.ask("fill-seeded", "large", 0, 0, pages);
            check(onB, 0, 0, 0, true);
            onB.ask("close", "large");
            onA.ask("close", "large");
            onA.ask("delete", "large");
        }
        for (Host host : List.of(a, b)) {
            Await.until("frames and sectors of " + host + " to be given back").until(() -> {
                var frames = Frames.of(host);
                return frames.path("used").asLong() <= pageSize
                        && frames.path("spilled").asLong() == 0
                        && frames.path("spillFile").asLong() == 0;
            });
        }
        assertThat(List.of(a.steadyDescriptors(), b.steadyDescriptors())).isEqualTo(before);
    }

    @Test
    void shouldLoseNothingWhenTheCircuitBreaksAgainAndAgain() {
        cluster.host("directory");
        TcpCut relay = cluster.relayToFreePort();
        a = cluster.hostBehind(relay, "a", "--frames-max", "" + max, "--spill-max", plenty());
        b = cluster.host("b", "--frames-max", "" + max, "--spill-max", plenty());
        onA = cluster.app(a);
        onB = cluster.app(b);
        share("create-any");
        onA.ask("fill-seeded", "large", 0, 0, pages);
        onB.ask("fill-seeded", "large", 1, 0, pages);

        CompletableFuture<String> byA = onA.send("scramble", "large", 0, 11, writes);
        CompletableFuture<String> byB = onB.send("scramble", "large", 1, 12, writes);
        int cuts = 0;
        while (!byA.isDone() || !byB.isDone()) {
            long fetches = b.counter("large", "fetches");
            Await.until("the circuit to be up and used")
                    .until(() -> b.counter("large", "fetches") > fetches + 50 || byA.isDone() && byB.isDone());
            cuts += relay.reset();
        }
        App.await(byA);
        App.await(byB);

        assertThat(cuts).isGreaterThan(pageSize < 1 << 20 ? 3 : 0);
        for (App app : List.of(onA, onB)) {
            check(app, 0, 11, writes, true);
            check(app, 1, 12, writes, false);
        }
        assertThat(Frames.used(b)).isLessThanOrEqualTo(max + reserve);
    }

    @Test
    void shouldRefusePagesOfWhichTooFewFitIntoMemory() {
        a = cluster.host("a");
        b = cluster.host("b", "--frames-max", "2M");
        onA = cluster.app(a);
        onB = cluster.app(b);
        onA.ask("create", "coarse", 4 << 20, 2 << 20);

        AppFailure created = catchThrowableOfType(AppFailure.class, () -> onB.ask("create", "own", 4 << 20, 256 << 10));
        AppFailure mapped = catchThrowableOfType(AppFailure.class, () -> onB.ask("map", "coarse"));

        for (AppFailure refused : List.of(created, mapped)) {
            assertThat(refused.type()).isEqualTo("ResourceExhaustedException");
            assertThat(refused)
                    .hasMessageContaining("Use smaller pages (--page-size), or raise --frames-max")
                    .hasMessageContaining("2097152 bytes");
        }
        onB.ask("create", "own", 4 << 20, 128 << 10);
    }
}
