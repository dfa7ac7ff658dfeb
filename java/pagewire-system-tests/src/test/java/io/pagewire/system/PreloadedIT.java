package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Preloaded mappings of created and of resident regions: sharing types 3 and 4 (SPEC: V10, V11). */
@ExtendWith(LogsOnFailure.class)
class PreloadedIT {
    private static final int PAGE = 4096;
    private static final int PAGES = 256;
    private static final String NO_FAULTS = "0 0 0 0 0";

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static Host a;
    private static Host b;
    private static App onA;
    private static App onB;
    private static App alsoOnB;
    private static App onC;

    @BeforeAll
    static void start() {
        cluster = new Cluster(folder);
        a = cluster.host("a");
        b = cluster.host("b");
        Host c = cluster.host("c");
        onA = cluster.app(a);
        onB = cluster.app(b);
        alsoOnB = cluster.app(b);
        onC = cluster.app(c);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    /** A region of a's, filled by a program of the owner's that has it mapped on demand. */
    private static void create(String name, int pages) {
        onA.ask("create-any", name, (long) pages * PAGE, PAGE);
        onA.ask("map", name);
        onA.ask("fill", name, 0, (long) pages * PAGE, 7);
    }

    private static JsonNode preloaded(Host host, String name) {
        return host.region(name).path("preloaded");
    }

    private static long counter(Host host, String name, String counter) {
        JsonNode value = preloaded(host, name).path("counters").path(counter);
        assertThat(value.isNumber())
                .as("%s of %s", counter, preloaded(host, name))
                .isTrue();
        return value.asLong();
    }

    /** Bytes that the host's preloaded circuit of the region has sent, or received. */
    private static long bytesOf(Host host, String name, String direction) {
        for (JsonNode circuit : host.query("circuits").path("circuits")) {
            if (circuit.path("region").asText().equals(name)
                    && circuit.path("role").asText().equals("client")
                    && circuit.path("sharingType").asInt() >= 3) {
                return circuit.path(direction).asLong();
            }
        }
        throw new AssertionError("no preloaded circuit of region " + name + " at host " + host);
    }

    // ---- filling, no faults --------------------------------------------------------------------------------------

    @Test
    void shouldHaveEveryPageBeforeTheMappingIsUsed() {
        create("filled", PAGES);
        String digest = onA.ask("sha256", "filled");

        assertThat(onB.ask("preload-watched", "filled")).isEqualTo(Long.toString(PAGES * PAGE));

        assertThat(preloaded(b, "filled").path("state").asText()).isEqualTo("filled");
        assertThat(preloaded(b, "filled").path("sharingType").asInt()).isEqualTo(3);
        assertThat(onB.ask("sha256", "filled")).isEqualTo(digest);
        assertThat(onB.ask("all-stats", "filled")).isEqualTo(NO_FAULTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"created", "resident"})
    void shouldNeverFaultWhateverItsThreadsReadAndWrite(String kind) throws IOException {
        String name = "storm-" + kind;
        if (kind.equals("created")) {
            create(name, PAGES);
        } else {
            byte[] content = new byte[PAGES * PAGE - 100];
            new Random(4).nextBytes(content);
            onA.ask("export-resident", name, Files.write(folder.resolve("storm"), content), PAGE);
        }
        onB.ask("preload", name, 0);

        onB.ask("storm", name, 4, 20);
        onB.ask("publish", name);
        onB.ask("refresh", name);
        onB.ask("storm", name, 4, 20);

        assertThat(onB.ask("all-stats", name)).isEqualTo(NO_FAULTS);
        assertThat(counter(b, name, "faults")).isZero();
        assertThat(preloaded(b, name).path("sharingType").asInt()).isEqualTo(kind.equals("created") ? 3 : 4);
    }

    @Test
    void shouldSharePreloadedFramesAmongTheProgramsOfAHost() {
        create("frames", 16);
        onB.ask("preload", "frames", 0);
        alsoOnB.ask("preload", "frames", 0);

        onB.ask("put", "frames", 8, 42);

        assertThat(alsoOnB.askLong("get", "frames", 8)).isEqualTo(42);
        assertThat(preloaded(b, "frames").path("mappings").asInt()).isEqualTo(2);
        assertThat(counter(b, "frames", "refreshes")).isEqualTo(1);
    }

    @Test
    void shouldBeMappedOnDemandAndPreloadedOnOneHostAtTheSameTime() {
        create("both", 16);
        onB.ask("preload", "both", 0);
        alsoOnB.ask("map", "both");
        assertThat(alsoOnB.askLong("byte", "both", 100)).isEqualTo(7);

        onB.ask("put", "both", 0, 1);
        assertThat(alsoOnB.askLong("get", "both", 0)).isNotEqualTo(1);
        onB.ask("publish", "both");
        assertThat(alsoOnB.askLong("get", "both", 0)).isEqualTo(1);
        alsoOnB.ask("put", "both", 8, 2);
        onB.ask("refresh", "both");

        assertThat(onB.askLong("get", "both", 8)).isEqualTo(2);
        assertThat(onB.ask("all-stats", "both")).isEqualTo(NO_FAULTS);
    }

    @Test
    void shouldBePreloadedOnTheOwnersHostToo() {
        create("at-home", 16);
        App alsoOnA = cluster.app(a);
        alsoOnA.ask("preload", "at-home", 0);
        assertThat(alsoOnA.askLong("byte", "at-home", 5)).isEqualTo(7);

        alsoOnA.ask("put", "at-home", 0, 5);
        alsoOnA.ask("publish", "at-home");
        onA.ask("put", "at-home", 8, 6);
        alsoOnA.ask("refresh", "at-home");

        assertThat(onA.askLong("get", "at-home", 0)).isEqualTo(5);
        assertThat(alsoOnA.askLong("get", "at-home", 8)).isEqualTo(6);
        assertThat(alsoOnA.ask("all-stats", "at-home")).isEqualTo(NO_FAULTS);
    }

    @Test
    void shouldRefuseAPreloadedMappingThatTheMachineHasNoMemoryFor() {
        onA.ask("create-any", "huge", 1L << 39, 2 << 20);

        assertThatThrownBy(() -> onB.ask("preload", "huge", 0))
                .isInstanceOf(AppFailure.class)
                .hasMessageContaining("need 1073741824 KiB of memory")
                .hasMessageContaining("on demand");
    }

    @Test
    void shouldLetProgramsOnlyReadWhatOnlyTheOwnerMayWrite() {
        onA.ask("create", "owners", 16 * PAGE, PAGE);
        onA.ask("map", "owners");
        onA.ask("put", "owners", 0, 1);
        onB.ask("preload", "owners", 0);

        assertThatThrownBy(() -> onB.ask("put", "owners", 0, 2))
                .isInstanceOf(AppFailure.class)
                .hasMessageContaining("PageFaultException READ_ONLY");
        assertThatThrownBy(() -> onB.ask("publish", "owners"))
                .isInstanceOf(AppFailure.class)
                .hasMessageContaining("--writers any");
        onA.ask("put", "owners", 0, 3);
        assertThat(onB.askLong("refresh", "owners")).isEqualTo(1);
        assertThat(onB.askLong("get", "owners", 0)).isEqualTo(3);
    }

    // ---- publish and refresh -------------------------------------------------------------------------------------

    @Test
    void shouldPublishOnlyTheBytesThatChanged() {
        create("bytes", PAGES);
        onB.ask("preload", "bytes", 0);
        long before = bytesOf(b, "bytes", "sentBytes");
        onB.ask("put-byte", "bytes", 3 * PAGE + 5, 1);
        onB.ask("put-byte", "bytes", 3 * PAGE + 7, 1);
        onB.ask("put-byte", "bytes", 200 * PAGE, 1);

        assertThat(onB.askLong("publish", "bytes")).isEqualTo(2);

        assertThat(bytesOf(b, "bytes", "sentBytes") - before).isLessThan(1000);
        assertThat(counter(b, "bytes", "bytesPublished")).isEqualTo(3);
        assertThat(onA.askLong("byte", "bytes", 3 * PAGE + 5)).isEqualTo(1);
        assertThat(onA.askLong("byte", "bytes", 3 * PAGE + 6)).isEqualTo(7);
        assertThat(onA.askLong("byte", "bytes", 200 * PAGE)).isEqualTo(1);
        assertThat(onB.askLong("publish", "bytes")).as("nothing is left").isZero();
    }

    @Test
    void shouldKeepTheBytesOfTwoHostsThatPublishDifferentOnesOfAPage() {
        create("two", 4);
        onB.ask("preload", "two", 0);
        onC.ask("preload", "two", 0);
        for (int at = 0; at < PAGE; at += 2) {
            if (at % 64 == 0) { // neighbours, so that not even one byte in between may go along
                onB.ask("put-byte", "two", at, 11);
                onB.ask("put-byte", "two", at + 2, 11);
                onC.ask("put-byte", "two", at + 1, 22);
            }
        }

        onB.ask("publish", "two");
        onC.ask("publish", "two");
        onB.ask("refresh", "two");
        onC.ask("refresh", "two");

        for (App app : new App[] {onA, onB, onC}) {
            assertThat(app.askLong("byte", "two", 128)).isEqualTo(11);
            assertThat(app.askLong("byte", "two", 129)).isEqualTo(22);
            assertThat(app.askLong("byte", "two", 130)).isEqualTo(11);
            assertThat(app.askLong("byte", "two", 131)).isEqualTo(7);
        }
        String digest = onA.ask("sha256", "two");
        assertThat(onB.ask("sha256", "two")).isEqualTo(digest);
        assertThat(onC.ask("sha256", "two")).isEqualTo(digest);
    }

    @Test
    void shouldRefreshOnlyThePagesThatChangedAndKeepWhatIsNotPublished() {
        create("news", PAGES);
        onB.ask("preload", "news", 0);
        onB.ask("refresh", "news"); // takes the pages from the owner's program, which had written all of them
        long before = bytesOf(b, "news", "receivedBytes");
        onA.ask("put", "news", 5 * PAGE, 0x1111111111111111L);
        onA.ask("put", "news", 9 * PAGE, 9);
        onB.ask("put-byte", "news", 5 * PAGE + 3, 99);

        assertThat(onB.askLong("refresh", "news")).isEqualTo(2);

        assertThat(bytesOf(b, "news", "receivedBytes") - before).isLessThan(4L * PAGE);
        assertThat(onB.askLong("get", "news", 9 * PAGE)).isEqualTo(9);
        assertThat(onB.askLong("byte", "news", 5 * PAGE + 2)).isEqualTo(0x11);
        assertThat(onB.askLong("byte", "news", 5 * PAGE + 3)).isEqualTo(99);
        assertThat(onB.askLong("publish", "news")).isEqualTo(1);
        assertThat(onA.askLong("byte", "news", 5 * PAGE + 3)).isEqualTo(99);
    }

    @Test
    void shouldPublishMoreChangesOfALargePageThanFitIntoOneMessage() {
        onA.ask("create-any", "large", 2 * (2 << 20), 2 << 20);
        onA.ask("map", "large");
        onA.ask("fill", "large", 0, 2 * (2 << 20), 7);
        onB.ask("preload", "large", 0);
        onB.ask("put-every", "large", 2, 1);

        assertThat(onB.askLong("publish", "large")).isEqualTo(2);

        assertThat(onA.ask("sha256", "large")).isEqualTo(onB.ask("sha256", "large"));
        assertThat(onA.askLong("byte", "large", 4_000_000)).isEqualTo(1);
        assertThat(onA.askLong("byte", "large", 4_000_001)).isEqualTo(7);
    }

    @Test
    void shouldFailForThePagesThatAFileHasNoMoreAndPublishTheOthers() throws IOException {
        Path file = Files.write(folder.resolve("shorter"), new byte[16 * PAGE]);
        onA.ask("export-any", "shorter", file, PAGE);
        onB.ask("preload", "shorter", 0);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(8 * PAGE);
        }
        onB.ask("put-byte", "shorter", 3 * PAGE, 3);
        onB.ask("put-byte", "shorter", 12 * PAGE, 12);
        onB.ask("put-byte", "shorter", 7 * PAGE, 7);

        assertThatThrownBy(() -> onB.ask("publish", "shorter"))
                .isInstanceOf(AppFailure.class)
                .hasMessageContaining("page 12");

        assertThat(Files.readAllBytes(file)).hasSize(8 * PAGE);
        assertThat(Files.readAllBytes(file)[3 * PAGE]).isEqualTo((byte) 3);
        assertThat(Files.readAllBytes(file)[7 * PAGE]).isEqualTo((byte) 7);
        assertThat(onB.askLong("byte", "shorter", 12 * PAGE)).as("kept here").isEqualTo(12);
        assertThatThrownBy(() -> onC.ask("preload", "shorter", 0))
                .isInstanceOf(AppFailure.class)
                .hasMessageContaining("truncated");
        assertNotHome("shorter", "pages 12-15");
    }

    @Test
    void shouldShowEachPublishedPageToOthersWhollyAndInOrder() {
        int pages = 4;
        onA.ask("create-any", "stamped", pages * PAGE, PAGE);
        onB.ask("preload", "stamped", 0);
        onC.ask("map", "stamped");
        App alsoOnA = cluster.app(a);
        alsoOnA.ask("map", "stamped");
        int last = 300;

        CompletableFuture<String> seenByC = onC.send("check-stamps", "stamped", pages, last);
        CompletableFuture<String> seenByA = alsoOnA.send("check-stamps", "stamped", pages, last);
        onB.ask("stamp", "stamped", pages, 1, last);

        assertThat(Long.parseLong(App.await(seenByC))).isGreaterThan(3);
        assertThat(Long.parseLong(App.await(seenByA))).isGreaterThan(3);
    }

    @Test
    void shouldExchangeByItselfEveryPeriod() {
        create("period", 16);
        onB.ask("preload", "period", 30);
        onC.ask("preload", "period", 30);

        onB.ask("put", "period", 0, 77);
        onC.ask("put", "period", 8, 88);

        Await.until("both to have what the other wrote")
                .until(() -> onC.askLong("get", "period", 0) == 77 && onB.askLong("get", "period", 8) == 88);
        assertThat(onA.askLong("get", "period", 0)).isEqualTo(77);
    }

    @Test
    void shouldPublishWhatIsLeftWhenAMappingIsClosedOrItsProgramDies() {
        create("left", 16);
        onB.ask("preload", "left", 0);
        onB.ask("put", "left", 0, 1234);
        onB.ask("close", "left");
        assertThat(onA.askLong("get", "left", 0)).isEqualTo(1234);
        Await.until("the frames to be given back")
                .until(() -> preloaded(b, "left").isMissingNode());

        App dying = cluster.app(b);
        dying.ask("preload", "left", 0);
        assertThat(dying.askLong("get", "left", 0)).isEqualTo(1234);
        dying.ask("put", "left", 0, 5678);
        dying.kill();
        Await.until("what the killed program wrote to be at home").until(() -> onA.askLong("get", "left", 0) == 5678);
        Await.until("its frames to be given back")
                .until(() -> preloaded(b, "left").isMissingNode());
    }

    @Test
    void shouldPublishWithoutLettingAnOwnersProgramLoseWhatItWrites() {
        create("mixed", 4);
        onB.ask("preload", "mixed", 0);
        for (int n = 1; n <= 50; n++) {
            onA.ask("put", "mixed", 0, n);
            onB.ask("put", "mixed", 8, n);
            onB.ask("publish", "mixed");
            assertThat(onA.askLong("get", "mixed", 0)).isEqualTo(n);
            assertThat(onA.askLong("get", "mixed", 8)).isEqualTo(n);
        }
    }

    @Test
    void shouldBringPublishedBytesToTheOwnersDisk() throws IOException {
        Path file = Files.write(folder.resolve("forced"), new byte[3 * PAGE + 10]);
        onA.ask("export-resident", "forced", file, PAGE);
        onB.ask("preload", "forced", 0);
        onB.ask("put-byte", "forced", 3 * PAGE + 9, 5);
        onB.ask("put-byte", "forced", 1, 6);

        onB.ask("force", "forced");

        byte[] content = Files.readAllBytes(file);
        assertThat(content).hasSize(3 * PAGE + 10);
        assertThat(content[3 * PAGE + 9]).isEqualTo((byte) 5);
        assertThat(content[1]).isEqualTo((byte) 6);
    }

    // ---- when the owner is not there -----------------------------------------------------------------------------

    @Test
    void shouldGoOnWithTheOwnersNextRunWhenAFileIsShared() throws IOException {
        Host owner = cluster.host("e");
        App onE = cluster.app(owner);
        Path file = Files.write(folder.resolve("restarted"), new byte[16 * PAGE]);
        onE.ask("export-any", "restarted", file, PAGE);
        onB.ask("preload", "restarted", 0);
        onB.ask("put", "restarted", 0, 1);
        onB.ask("publish", "restarted");
        onB.ask("put", "restarted", PAGE, 2);

        owner.kill();
        onB.ask("put", "restarted", 2 * PAGE, 3);
        assertThat(onB.askLong("get", "restarted", 0)).as("the frames stay").isEqualTo(1);
        owner.start();

        assertThat(onB.askLong("publish", "restarted")).isEqualTo(2);
        App later = cluster.app(owner);
        later.ask("map", "restarted");
        assertThat(later.askLong("get", "restarted", 2 * PAGE)).isEqualTo(3);
        later.ask("put", "restarted", 3 * PAGE, 4);
        onB.ask("refresh", "restarted");
        assertThat(onB.askLong("get", "restarted", 3 * PAGE)).isEqualTo(4);
        assertThat(onB.ask("all-stats", "restarted")).isEqualTo(NO_FAULTS);
    }

    @Test
    void shouldSayWithinTheDeadlineThatTheOwnerCannotBeReached() {
        Host owner = cluster.host("f");
        App onF = cluster.app(owner);
        onF.ask("create-any", "orphan", 4 * PAGE, PAGE);
        onB.ask("preload", "orphan", 0);
        onB.ask("put", "orphan", 0, 9);
        owner.kill();

        assertThatThrownBy(() -> onB.ask("publish", "orphan"))
                .isInstanceOf(AppFailure.class)
                .hasMessageContaining("'orphan'");
        assertThatThrownBy(() -> onB.ask("refresh", "orphan")).isInstanceOf(AppFailure.class);

        assertThat(onB.askLong("get", "orphan", 0)).as("the frames stay").isEqualTo(9);
        owner.start();
        assertThatThrownBy(() -> onB.ask("publish", "orphan"))
                .as("a created region is lost with its owner")
                .isInstanceOf(AppFailure.class)
                .hasMessageContaining("lost");
        assertNotHome("orphan", "pages 0-3");
    }

    /** What could not be published is named when the mapping ends. */
    private static void assertNotHome(String region, String pages) {
        assertThatThrownBy(() -> onB.ask("close", region))
                .isInstanceOf(AppFailure.class)
                .hasMessageContaining("NotHomeException")
                .hasMessageContaining(pages);
    }

    @Test
    void shouldFailToPublishToADeletedRegionAndKeepTheFrames() {
        create("deleted", 4);
        onB.ask("preload", "deleted", 0);
        onA.ask("close", "deleted");
        onA.ask("delete", "deleted");

        Await.until("the region to be known as deleted")
                .untilAsserted(() ->
                        assertThatThrownBy(() -> onB.ask("publish", "deleted")).hasMessageContaining("deleted"));

        assertThat(onB.askLong("byte", "deleted", 0)).isEqualTo(7);
    }

    @AfterEach
    void closeEverything() {
        for (App app : new App[] {onA, onB, alsoOnB, onC}) {
            app.ask("reconnect");
        }
    }
}
