package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Orderly ends lose nothing, however much there is to bring home and however slow the way is; one that cannot go on names the
 * pages that are not there (SPEC: V5, V7). Host a owns and stands behind a relay, b writes.
 */
@ExtendWith(LogsOnFailure.class)
@Timeout(600)
class OrderlyEndsIT {
    private static final int MIB = 1 << 20;
    private static final int SEED = 11;
    private static final int STALL_MS = 3000;

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static TcpCut way;
    private static Host a;
    private static Host b;
    private static App onA;
    private static int regions;

    private String region;

    @BeforeAll
    static void start() {
        cluster = new Cluster(folder);
        String deadlines = "[deadlines]\nstall-ms = " + STALL_MS + "\n";
        String config = cluster.file("dsmd.toml", deadlines).toString();
        // Nothing goes home because of its age, so that it is known what an end has to bring.
        String late = cluster.file("late.toml", deadlines + "[writeback]\nage-ms = 3600000\n")
                .toString();
        cluster.host("d");
        way = cluster.relayToFreePort();
        a = cluster.hostBehind(way, "a", "--config", config);
        b = cluster.host("b", "--config", late);
        onA = cluster.app(a);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @BeforeEach
    void repair() {
        way.heal();
        a.ensureRunning();
        b.ensureRunning();
        region = "ends-" + ++regions;
    }

    private void create(long size, int pageSize) {
        onA.ask("create-any", region, size, pageSize);
    }

    private static String run(Host host, Object... arguments) {
        return EndingProgram.run(host, folder, arguments);
    }

    private void assertAllIsHome() {
        assertThat(run(a, region, "check", SEED)).isEqualTo("wrong 0 from byte 0\n");
    }

    @Test
    void shouldBringAGigabyteHomeBeforeUnmapReturns() {
        create(1024L * MIB, 4096);

        String said = run(b, region, "fill", SEED, "unmap");

        assertThat(said).contains("left 0 of ").contains("unmap 0\n").contains("disconnect 0\n");
        assertAllIsHome();
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 64 << 10, 2 << 20})
    void shouldBringEveryPageHomeBeforeADisconnectReturnsWhateverItsSize(int pageSize) {
        create(128L * MIB, pageSize);
        assertThat(run(b, region, "fill", SEED, "disconnect")).endsWith("disconnect 0\n");
        assertAllIsHome();
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 64 << 10, 2 << 20})
    void shouldLoseNoneOfThreeHundredScatteredStores(int pageSize) {
        create(512L * MIB, pageSize);
        assertThat(run(b, region, "scatter", SEED, 300)).contains("unmap 0\n");
        assertThat(run(a, region, "gathered", SEED, 300)).isEqualTo("wrong 0\n");
    }

    @Test
    void shouldTakeAsLongAsASlowWayNeedsAndTellHowMuchIsLeft() {
        create(64L * MIB, 4096);
        EndingProgram program = EndingProgram.writing(b, folder, region, "fill", SEED, "unmap");
        way.slow(8L * MIB);

        String said = program.await();

        assertThat(said).contains("unmap 0\n");
        assertThat(said.split("left [1-9]").length - 1).as("times it was told").isGreaterThan(20);
        assertAllIsHome();
    }

    @Test
    void shouldBringHomeWhatAProgramWroteThatEndsWithoutAWord() {
        create(64L * MIB, 4096);
        run(b, region, "fill", SEED, "exit");
        assertAllIsHome();
        Await.until("the region to be gone from b")
                .until(() -> b.region(region).path("role").asText().equals("none"));
        assertAllIsHome();
    }

    @Test
    void shouldNameThePagesThatAreNotHomeWhenItsLimitIsOverAndGoOnBringingThem() {
        create(32L * MIB, 4096);
        EndingProgram program = EndingProgram.writing(b, folder, region, "fill", SEED, "unmap", 500);
        way.slow(2L * MIB);

        String said = program.await();

        assertThat(said).contains("unmap -110: region '" + region + "' is unmapped, but ");
        assertThat(said)
                .contains("the limit of 500 ms is over; dsmd goes on with it")
                .containsPattern("not home \\d+\\+");
        JsonNode leaving = b.region(region).path("leaving");
        assertThat(leaving.path("state").asText()).isEqualTo("under way");
        assertThat(leaving.path("bytesLeft").asLong()).isPositive();
        way.heal();
        Await.until("the region to be gone from b")
                .until(() -> b.region(region).path("role").asText().equals("none"));
        assertAllIsHome();
    }

    @Test
    void shouldEndAStalledUnmapAndNameEveryPage() {
        create(4L * MIB, 4096);
        EndingProgram program = EndingProgram.writing(b, folder, region, "fill", SEED, "stay");
        way.cut();

        String said = program.await();

        assertThat(said)
                .contains("disconnect -110: region '" + region + "' is unmapped, but 1024 of its pages are not home");
        assertThat(said)
                .contains("nothing has arrived there for " + STALL_MS + " ms")
                .contains("pages 0-1023");
    }

    @Test
    void shouldTellAJavaProgramWhichPagesAreNotHome() {
        create(64 * 4096, 4096);
        App onB = cluster.app(b);
        onB.ask("map", region);
        onB.ask("put", region, 3 * 4096, 3);
        onB.ask("put", region, 9 * 4096, 9);
        way.cut();

        assertThat(onB.ask("close-within", region, 300)).isEqualTo("3+1 9+1");
    }

    @Test
    void shouldLeaveThePagesWithAProgramThatMapsTheRegionMeanwhile() {
        create(32L * MIB, 4096);
        EndingProgram first = EndingProgram.writing(b, folder, region, "fill", SEED, "unmap");
        way.slow(2L * MIB);
        Await.until("the end to be under way").until(() -> first.output().contains("left "));
        App second = cluster.app(b);

        second.ask("map", region);

        assertThat(first.await()).contains("unmap 0\n");
        assertThat(b.region(region).path("mappings").asInt()).isEqualTo(1);
        way.heal();
        second.ask("close", region);
        assertAllIsHome();
    }

    @Test
    void shouldBringEverythingHomeBeforeAClientsDaemonStops() {
        create(512L * MIB, 4096);
        EndingProgram program = EndingProgram.writing(b, folder, region, "fill", SEED, "stay");

        b.terminate();

        assertThat(b.awaitExit()).isZero();
        assertThat(b.log()).contains("stopping: region " + region).contains("bytes");
        assertThat(program.await()).as("its daemon has said that all is home").endsWith("disconnect 0\n");
        assertAllIsHome();
    }

    @Test
    void shouldTellAProgramThatWasStoppedWhileItsDaemonEndedThatAllIsHome() {
        create(32L * MIB, 4096);
        EndingProgram program = EndingProgram.writing(b, folder, region, "fill", SEED, "unmap");
        way.slow(4L * MIB);
        Await.until("the end to be under way").until(() -> program.output().contains("left "));
        Signals.stop(program.pid());
        way.heal();

        b.terminate();

        assertThat(b.awaitExit()).isZero();
        Signals.resume(program.pid());
        assertThat(program.await()).contains("unmap 0\n").endsWith("disconnect 0\n");
        assertAllIsHome();
    }

    @Test
    void shouldForceForAsLongAsBytesGetHome() {
        create(48L * MIB, 4096);
        EndingProgram program = EndingProgram.writing(b, folder, region, "fill", SEED, "stay");
        way.slow(2L * MIB);
        App onB = cluster.app(b);
        onB.ask("map", region);

        onB.ask("force", region);

        way.heal();
        b.kill();
        assertAllIsHome();
        program.await();
    }

    @Test
    void shouldEndAForceThatStalls() {
        create(4L * MIB, 4096);
        EndingProgram program = EndingProgram.writing(b, folder, region, "fill", SEED, "stay");
        App onB = cluster.app(b);
        onB.ask("map", region);
        way.cut();

        assertThatThrownBy(() -> onB.ask("force", region))
                .hasMessageContaining("nothing more came of it within " + STALL_MS + " ms");
        program.close();
        b.kill(); // what is stuck there is no matter of later tests
    }

    @Test
    void shouldPublishAndRefreshForAsLongAsBytesGetThere() {
        create(8L * MIB, 4096);
        App onB = cluster.app(b);
        onB.ask("preload", region, 0);
        onB.ask("put-every", region, 8, 1);
        way.slow(MIB / 2);

        assertThat(onB.askLong("publish", region)).isEqualTo(2048);

        onA.ask("map", region);
        onA.ask("put-every", region, 8, 2);
        assertThat(onB.askLong("refresh", region)).isEqualTo(2048);
        way.heal();
        onA.ask("close", region);
        onB.close();
    }

    @Test
    void shouldNameInFullWhatKeepsTheLastPublishFromGettingHome() {
        create(4L * MIB, 4096);
        App onB = cluster.app(b);
        onB.ask("preload", region, 0);
        onB.ask("put-every", region, 4096, 1);
        way.cut();

        assertThatThrownBy(() -> onB.ask("close", region))
                .hasMessageContaining("1024 of its pages are not home")
                .hasMessageEndingWith("pages 0-1023");
    }

    @Test
    void shouldCallEverythingBackBeforeTheOwnersDaemonStops() throws IOException {
        Path file = folder.resolve("owned");
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(512L * MIB);
        }
        onA.ask("export-any", region, file, 4096);
        EndingProgram program = EndingProgram.writing(b, folder, region, "fill", SEED, "stay");

        a.terminate();

        assertThat(a.awaitExit()).isZero();
        a.start();
        assertAllIsHome();
        program.await();
        onA = cluster.app(a);
    }

    @Test
    void shouldStopAtOnceWhenToldASecondTimeAndNameThePages() {
        create(4L * MIB, 4096);
        EndingProgram program = EndingProgram.writing(b, folder, region, "fill", SEED, "stay");
        way.cut();
        b.terminate();
        Await.until("the stop to speak of what is left").until(() -> b.log().contains("stopping: region " + region));

        b.terminate();

        assertThat(b.awaitExit()).isEqualTo(1);
        assertThat(b.log())
                .contains("region " + region
                        + ": 1024 pages are not on host a: dsmd was told to stop at once; pages 0-1023")
                .contains("not all that was written is home");
        program.await();
    }

    @Test
    void shouldEndAStopThatStallsAndNameThePages() {
        create(4L * MIB, 4096);
        EndingProgram program = EndingProgram.writing(b, folder, region, "fill", SEED, "stay");
        way.cut();

        b.terminate();

        assertThat(b.awaitExit()).isEqualTo(1);
        assertThat(b.log())
                .contains("nothing has arrived there for " + STALL_MS + " ms")
                .contains("pages 0-1023");
        program.await();
    }
}
