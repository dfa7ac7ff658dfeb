package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What becomes of preloaded mappings when the way to home is cut, and when their own daemon ends (SPEC: V10, V6). */
class PreloadedFailuresIT extends FaultyHosts {
    private static final int PAGES = 64;

    /** A region of a, preloaded on b, whose first word is {@code value}. */
    private void preload(int pages, long value) {
        onA.ask("create-any", region, (long) pages * PAGE, PAGE);
        onA.ask("map", region);
        onA.ask("put", region, 0, value);
        onB.ask("preload", region, 0);
        assertThat(onB.askLong("get", region, 0)).isEqualTo(value);
    }

    @Test
    void shouldFinishAPublishAndARefreshOnTheNextCircuitWhenTheWayIsCutForAMoment() {
        preload(PAGES, 1);
        onB.ask("put", region, 8, 2);
        onA.ask("put", region, 16, 3);
        way.cut();

        CompletableFuture<String> publish = onB.send("publish", region);
        Await.until("the circuit to be lost")
                .until(() -> b.region(region)
                        .path("preloaded")
                        .path("circuit")
                        .asText()
                        .equals("none"));
        assertThat(publish).isNotDone();
        way.heal();

        assertThat(App.await(publish)).isEqualTo("1");
        assertThat(onA.askLong("get", region, 8)).isEqualTo(2);
        assertThat(onB.askLong("refresh", region)).isGreaterThanOrEqualTo(1);
        assertThat(onB.askLong("get", region, 16)).isEqualTo(3);
    }

    @Test
    void shouldFailWithinTheDeadlineWhileTheWayIsCutAndLoseNothing() {
        preload(PAGES, 1);
        onB.ask("put", region, 8, 2);
        way.cut();

        AppFailure publish = failure(onB, "publish", region);
        AppFailure refresh = failure(onB, "refresh", region);

        assertThat(publish).hasMessageContaining("'" + region + "'").hasMessageContaining("host a");
        assertThat(refresh).hasMessageContaining("'" + region + "'").hasMessageContaining("host a");
        assertThat(onB.askLong("get", region, 0)).as("the frames stay").isEqualTo(1);
        way.heal();
        onA.ask("put", region, 16, 3);
        assertThat(onB.askLong("publish", region)).isEqualTo(1);
        onB.ask("refresh", region);
        assertThat(onA.askLong("get", region, 8)).isEqualTo(2);
        assertThat(onB.askLong("get", region, 16)).isEqualTo(3);
    }

    @Test
    void shouldFillAgainWhenItsCircuitBreaksMeanwhile() {
        int pages = 16 * 1024;
        onA.ask("create-any", region, (long) pages * PAGE, PAGE);
        onA.ask("map", region);
        onA.ask("fill", region, 0, (long) pages * PAGE, 5);

        CompletableFuture<String> mapped = onB.send("preload", region, 0);
        Await.until("the filling to begin")
                .until(() ->
                        b.region(region).path("preloaded").path("filledBytes").asLong() > 0);
        way.reset();

        App.await(mapped);
        assertThat(onB.ask("sha256", region)).isEqualTo(onA.ask("sha256", region));
    }

    @Test
    void shouldExchangeAgainByItselfAfterTheWayWasCut() {
        onA.ask("create-any", region, (long) PAGES * PAGE, PAGE);
        onA.ask("map", region);
        onB.ask("preload", region, 50);
        way.cut();
        Await.until("the circuit to be lost")
                .until(() -> b.region(region)
                        .path("preloaded")
                        .path("circuit")
                        .asText()
                        .equals("none"));
        onB.ask("put", region, 0, 7);
        way.heal();

        Await.until("what was stored meanwhile to come home").until(() -> onA.askLong("get", region, 0) == 7);
    }

    @Test
    void shouldPublishWhatIsLeftWhenTheDaemonStopsInOrder() {
        preload(PAGES, 1);
        onB.ask("put", region, 8, 4711);

        b.close();

        assertThat(onA.askLong("get", region, 8)).isEqualTo(4711);
    }

    @Test
    void shouldStopInOrderWhileARegionIsFilled() {
        int pages = 16 * 1024;
        onA.ask("create-any", region, (long) pages * PAGE, PAGE);
        CompletableFuture<String> mapped = onB.send("preload", region, 0);
        Await.until("the filling to begin")
                .until(() ->
                        b.region(region).path("preloaded").path("filledBytes").asLong() > 0);
        way.cut(); // what is missing does not come any more

        b.close();

        assertThat(failure(mapped)).hasMessageContaining("'" + region + "'");
    }

    @Test
    void shouldKeepWhatWasPublishedWhenTheHostThatPublishedItDies() {
        preload(PAGES, 1);
        onB.ask("put", region, 8, 1);
        onB.ask("publish", region);
        onB.ask("put", region, 16, 2);
        b.kill(); // before the program: its dsmd would publish what it left
        onB.kill();

        onA.ask("put", region, 24, 3);
        assertThat(onA.askLong("get", region, 8)).isEqualTo(1);
        assertThat(onA.askLong("get", region, 16)).as("never published").isZero();
    }
}
