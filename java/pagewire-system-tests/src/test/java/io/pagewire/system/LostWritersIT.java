package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A host that has written pages of another host's region is killed, stopped or cut off: nothing is lost in silence (SPEC: V5). */
@EveryPageSize
class LostWritersIT extends FaultyHosts {
    LostWritersIT(int pageSize) {
        super(pageSize);
    }

    private App onD;

    /** A region that all three hosts map and listen to. */
    private void shareAmongAll() {
        onA.ask("create-any", region, 16 * pageSize, pageSize);
        onD = cluster.app(d);
        for (App app : new App[] {onA, onB, onD}) {
            app.ask("map", region);
            app.ask("listen", region);
        }
    }

    @Test
    void shouldKeepWhatWasForcedAndTellEverybodyWhatWasNotWhenTheHolderDies() {
        shareAmongAll();
        onB.ask("put", region, 3 * pageSize, 30);
        onB.ask("put", region, 4 * pageSize, 40);
        onB.ask("force", region);
        onB.ask("put", region, 3 * pageSize, 31);
        onB.ask("put", region, 9 * pageSize, 90);

        b.kill();

        assertThat(onD.askLong("get-until", region, 3 * pageSize, TRY_MS)).isEqualTo(30);
        assertThat(onA.askLong("get-until", region, 4 * pageSize, TRY_MS)).isEqualTo(40);
        assertThat(onA.askLong("get-until", region, 9 * pageSize, TRY_MS)).isZero();
        for (App listener : new App[] {onA, onD}) {
            Await.until("a listener to hear of the lost pages")
                    .untilAsserted(
                            () -> assertThat(listener.ask("lost", region)).contains(" 3+1", " 9+1"));
            assertThat(listener.ask("lost", region)).doesNotContain(" 4+");
        }
        for (Host host : new Host[] {a, d}) {
            assertThat(lost(host)).contains("3+1 of b", "9+1 of b").doesNotContain("4+1 of b");
            assertThat(host.log()).contains(region + ": 1 pages from page 3 went back");
        }
        onD.ask("put", region, 3 * pageSize, 32);
        assertThat(onA.askLong("get", region, 3 * pageSize)).isEqualTo(32);
    }

    private String lost(Host host) {
        StringBuilder text = new StringBuilder();
        for (JsonNode loss : host.status().path("losses")) {
            if (loss.path("region").asText().equals(region)) {
                text.append(loss.path("first").asLong())
                        .append('+')
                        .append(loss.path("count").asInt());
                text.append(" of ").append(loss.path("holder").asText()).append("; ");
            }
        }
        return text.toString();
    }

    @Test
    void shouldHandBackWhatWasWrittenWhenTheWayIsCutForLessThanHomesDeadline() {
        shareAmongAll();
        for (int page = 0; page < 16; page++) {
            onB.ask("put", region, page * pageSize, 100 + page);
        }
        long handedBack = b.counter(region, "pagesHandedBack");
        for (int round = 0; round < 3; round++) {
            onB.ask("put", region, round * pageSize, 200 + round);
            way.reset();
            for (int page = 0; page < 16; page++) {
                long expected = page <= round ? 200 + page : 100 + page;
                assertThat(onD.askLong("get-until", region, page * pageSize, TRY_MS))
                        .isEqualTo(expected);
            }
            for (int page = round + 1; page < 16; page++) {
                onB.ask("put", region, page * pageSize, 100 + page);
            }
        }
        assertThat(b.counter(region, "pagesHandedBack")).isGreaterThanOrEqualTo(handedBack + 16);
        assertThat(lost(a) + lost(b) + lost(d)).isEmpty();
    }

    @Test
    void shouldTellTheWriterTooWhenHomeHasGivenItUp() {
        shareAmongAll();
        onB.ask("put", region, 2 * pageSize, 22);
        way.cut();
        onA.ask("put", region, 2 * pageSize, 23);
        assertThat(lost(a)).contains("2+1 of b");
        way.heal();

        assertThat(onB.askLong("get-until", region, 2 * pageSize, TRY_MS)).isEqualTo(23);
        Await.until("b to hear of its lost page")
                .untilAsserted(() -> assertThat(onB.ask("lost", region)).contains(" 2+1"));
        assertThat(lost(b)).contains("2+1 of b");
    }

    @Test
    void shouldTellWhatADeadHolderHadAsSoonAsItsHostHasALaterDaemon() {
        shareAmongAll();
        onB.ask("put", region, 2 * pageSize, 22);
        b.kill();
        b.start();
        App later = cluster.app(b);
        later.ask("map", region);
        assertThat(later.askLong("get-until", region, 9 * pageSize, TRY_MS)).isZero();

        Await.until("home to tell what the earlier daemon of b had").until(() -> lost(a).contains("2+1 of b"));
        assertThat(onD.askLong("get-until", region, 2 * pageSize, TRY_MS)).isZero();
    }

    @Test
    void shouldTellAHostOfALossThatHappenedWhileItWasCutOff() {
        shareAmongAll();
        onB.ask("put", region, 2 * pageSize, 22);
        assertThat(onD.askLong("get-until", region, 5 * pageSize, TRY_MS)).isZero();
        way.cut();
        b.kill();
        assertThat(onA.askLong("get-until", region, 2 * pageSize, TRY_MS)).isZero();
        assertThat(lost(a)).contains("2+1 of b");
        assertThat(lost(d)).isEmpty();
        way.heal();

        assertThat(onD.askLong("get-until", region, 2 * pageSize, TRY_MS)).isZero();
        Await.until("d to hear of the page that b lost")
                .untilAsserted(() -> assertThat(onD.ask("lost", region)).contains(" 2+1"));
        assertThat(lost(d)).contains("2+1 of b");
    }

    @Test
    void shouldFinishAForceThatTheCutOfACircuitInterrupted() {
        shareAmongAll();
        onB.ask("put", region, pageSize, 11);
        way.cut();
        CompletableFuture<String> force = onB.send("force", region);
        assertThat(force).isNotDone();
        way.reset();
        way.heal();

        App.await(force);

        b.kill();
        assertThat(onA.askLong("get-until", region, pageSize, TRY_MS)).isEqualTo(11);
    }

    @Test
    void shouldWriteBackBeforeItsDaemonStops() throws IOException {
        Path file = Files.write(folder.resolve("stopping-" + region), new byte[16 * pageSize]);
        onA.ask("export-any", region, file, pageSize);
        onA.ask("map", region);
        onB.ask("map", region);
        for (int page = 0; page < 16; page++) {
            onB.ask("put", region, page * pageSize, 1000 + page);
        }

        b.close();

        for (int page = 0; page < 16; page++) {
            assertThat(onA.askLong("get-until", region, page * pageSize, TRY_MS))
                    .isEqualTo(1000 + page);
        }
        assertThat(lost(a)).isEmpty();
    }

    private Path shareFile() throws IOException {
        Path file = Files.write(folder.resolve("file-" + region), new byte[16 * pageSize]);
        onA.ask("export-any", region, file, pageSize);
        for (App app : new App[] {onA, onB}) {
            app.ask("map", region);
            app.ask("listen", region);
        }
        return file;
    }

    @Test
    void shouldCallBackWhatOthersHaveWrittenBeforeTheOwnersDaemonStops() throws IOException {
        Path file = shareFile();
        for (int page = 0; page < 16; page++) {
            onB.ask("put", region, page * pageSize, 1000 + page);
        }

        a.close();

        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        for (int page = 0; page < 16; page++) {
            assertThat(content.getLong(page * pageSize)).isEqualTo(1000 + page);
        }
        a.start();
        assertThat(onB.askLong("get-until", region, 3 * pageSize, TRY_MS)).isEqualTo(1003);
        assertThat(lost(a) + lost(b)).isEmpty();
    }

    @Test
    void shouldTellWhatAnOwnerThatWasKilledCannotPlace() throws IOException {
        shareFile();
        onB.ask("put", region, 2 * pageSize, 20);
        onB.ask("force", region);
        onB.ask("put", region, 9 * pageSize, 90);

        a.kill();
        forgetWhoHoldsWhat();
        a.start();

        assertThat(onB.askLong("get-until", region, 2 * pageSize, TRY_MS)).isEqualTo(20);
        Await.until("b to hear of the page")
                .untilAsserted(() -> assertThat(onB.ask("lost", region)).contains(" 9+"));
        assertThat(onB.askLong("get-until", region, 9 * pageSize, TRY_MS)).isZero();
        assertThat(lost(a)).startsWith("9+").endsWith(" of b; ");
        assertThat(lost(b)).startsWith("9+").endsWith(" of b; ");
    }

    private static void forgetWhoHoldsWhat() throws IOException {
        try (DirectoryStream<Path> books = Files.newDirectoryStream(a.data().resolve("holders"))) {
            for (Path book : books) {
                Files.delete(book);
            }
        }
    }

    @Test
    void shouldNotLoseThePagesOfAProgramThatIsKilledWhileItsDaemonLivesOn() {
        shareAmongAll();
        App doomed = cluster.app(b);
        doomed.ask("map", region);
        doomed.ask("put", region, 7 * pageSize, 77);

        doomed.kill();

        assertThat(onD.askLong("get-until", region, 7 * pageSize, TRY_MS)).isEqualTo(77);
        assertThat(lost(a)).isEmpty();
    }
}
