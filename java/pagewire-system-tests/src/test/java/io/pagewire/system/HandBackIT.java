package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a living host still has comes home, however long it was not to be reached: bytes are lost only to somebody who needs their
 * page (SPEC: V5). Host b has written, and nothing of it has gone home by itself.
 */
class HandBackIT extends FaultyHosts {
    private static final long SIZE = 64L << 20;
    private static final int SEED = 17;

    private EndingProgram writeAllOnB() {
        EndingProgram writer = EndingProgram.writing(b, folder, region, "fill", SEED, "stay");
        assertThat(writer.output()).contains("stored");
        assertThat(a.region(region).path("notHomeBytes").asLong()).isEqualTo(SIZE);
        return writer;
    }

    private String stateOfB() {
        String state = "none";
        for (JsonNode circuit : a.query("circuits").path("circuits")) {
            if (circuit.path("region").asText().equals(region)
                    && circuit.path("peer").asText().equals("b")) {
                state = circuit.path("state").asText();
            }
        }
        return state;
    }

    private void awaitBToBeGivenUp() {
        Await.until("home to wait for b no longer").until(() -> stateOfB().equals("absent"));
        assertThat(a.region(region).path("notHomeBytes").asLong()).isEqualTo(SIZE);
        assertThat(a.log()).contains("stay its own until somebody needs them");
    }

    private void assertAllIsHome() {
        Await.until("what b has to come home")
                .until(() -> a.region(region).path("notHomeBytes").asLong() == 0);
        assertThat(EndingProgram.run(a, folder, region, "check", SEED)).isEqualTo("wrong 0 from byte 0\n");
        assertNothingIsLost();
    }

    private void assertNothingIsLost() {
        for (Host host : new Host[] {a, b}) {
            for (JsonNode loss : host.status().path("losses")) {
                assertThat(loss.path("region").asText())
                        .as("a loss told by " + host)
                        .isNotEqualTo(region);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 64 << 10, 2 << 20})
    void shouldBringHomeWhatADaemonHasThatWasStoppedForLongerThanHomeWaits(int pageSize) {
        onA.ask("create-any", region, SIZE, pageSize);
        try (EndingProgram writer = writeAllOnB()) {
            b.stop();
            awaitBToBeGivenUp();
            b.resume();
            assertAllIsHome();
            assertThat(writer.isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 64 << 10, 2 << 20})
    void shouldBringHomeWhatAHostHasThatWasCutOffForLongerThanHomeWaits(int pageSize) {
        onA.ask("create-any", region, SIZE, pageSize);
        try (EndingProgram writer = writeAllOnB()) {
            way.cut();
            awaitBToBeGivenUp();
            way.heal();
            assertAllIsHome();
            assertThat(writer.isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 64 << 10, 2 << 20})
    void shouldTakeBackWhatAHostHasWhenTheOwnersDaemonWasKilled(int pageSize) throws IOException {
        export(SIZE, pageSize);
        try (EndingProgram writer = writeAllOnB()) {
            a.kill();
            a.start();
            assertAllIsHome();
            assertThat(writer.isAlive()).isTrue();
        }
    }

    private void export(long size, int pageSize) throws IOException {
        Path file = folder.resolve(region);
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
            content.setLength(size);
        }
        onA.ask("export-any", region, file, pageSize);
    }

    @Test
    void shouldLoseOnlyThePageThatSomebodyNeedsBeforeTheHostCallsTheRestartedOwner() throws IOException {
        export(16 * PAGE, PAGE);
        onB.ask("map", region);
        onB.ask("listen", region);
        for (int page = 0; page < 16; page++) {
            onB.ask("put", region, page * PAGE, 100 + page);
        }
        b.stop();
        a.kill();
        a.start();
        App later = cluster.app(a);
        later.ask("map", region);
        assertThat(later.askLong("get-until", region, 5 * PAGE, TRY_MS)).isZero();
        assertThat(a.region(region).path("notHomeBytes").asLong()).isEqualTo(15 * PAGE);
        b.resume();

        for (int page = 0; page < 16; page++) {
            assertThat(onB.askLong("get-until", region, page * PAGE, TRY_MS)).isEqualTo(page == 5 ? 0 : 100 + page);
        }
        for (int page = 0; page < 16; page++) {
            assertThat(later.askLong("get-until", region, page * PAGE, TRY_MS)).isEqualTo(page == 5 ? 0 : 100 + page);
        }
        Await.until("b to hear of the page")
                .untilAsserted(() -> assertThat(onB.ask("lost", region)).isEqualTo("lost: 5+1"));
    }

    @Test
    void shouldTellWhatIsLostWithARegionWhoseContentsDiedWithTheOwnersDaemon() {
        onA.ask("create-any", region, 16 * PAGE, PAGE);
        onB.ask("map", region);
        onB.ask("listen", region);
        onB.ask("put", region, 3 * PAGE, 33);
        a.kill();
        a.start();
        Await.until("b to hear of the page")
                .untilAsserted(() -> assertThat(onB.ask("lost", region)).isEqualTo("lost: 3+1"));
        assertThat(failure(onB, "get", region, 3 * PAGE).cause()).isEqualTo("DATA_LOST");
    }

    @Test
    void shouldLoseOnlyThePageThatSomebodyNeededMeanwhile() {
        onA.ask("create-any", region, 16 * PAGE, PAGE);
        for (App app : new App[] {onA, onB}) {
            app.ask("map", region);
            app.ask("listen", region);
        }
        for (int page = 0; page < 16; page++) {
            onB.ask("put", region, page * PAGE, 100 + page);
        }
        way.cut();
        Await.until("home to wait for b no longer").until(() -> stateOfB().equals("absent"));
        assertThat(onA.askLong("get", region, 5 * PAGE)).isZero();
        onA.ask("put", region, 5 * PAGE, 55);
        way.heal();

        for (int page = 0; page < 16; page++) {
            long expected = page == 5 ? 55 : 100 + page;
            assertThat(onB.askLong("get-until", region, page * PAGE, TRY_MS)).isEqualTo(expected);
        }
        for (int page = 0; page < 16; page++) {
            assertThat(onA.askLong("get-until", region, page * PAGE, TRY_MS)).isEqualTo(page == 5 ? 55 : 100 + page);
        }
        for (App app : new App[] {onA, onB}) {
            Await.until("everybody to hear of the page")
                    .untilAsserted(() -> assertThat(app.ask("lost", region)).isEqualTo("lost: 5+1"));
        }
    }
}
