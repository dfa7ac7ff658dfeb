package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.system.TcpCut.Way;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The way between reader and owner is cut, one way or both, spoilt, reset: no stale read, and all works again afterwards. */
@EveryPageSize
class CutCircuitIT extends FaultyHosts {
    CutCircuitIT(int pageSize) {
        super(pageSize);
    }

    @ParameterizedTest(name = "to the owner {0}, from the owner {1}")
    @CsvSource({"HELD, HELD", "HELD, OPEN", "OPEN, HELD"})
    void shouldCompleteAWriteAndNeverReadTheOlderValueWhenTheWayIsCut(Way toOwner, Way fromOwner) {
        share(16, 1);
        way.set(toOwner, fromOwner);

        onA.ask("put", region, 0, 2);

        CompletableFuture<String> read = onB.send("get", region, 0);
        assertThat(failure(read).type()).isEqualTo("PageFaultException");
        way.heal();
        assertThat(onB.askLong("get-until", region, 0, TRY_MS)).isEqualTo(2);
        onA.ask("put", region, 0, 3);
        assertThat(onB.askLong("get-until", region, 0, TRY_MS)).isEqualTo(3);
    }

    @ParameterizedTest(name = "to the owner {0}, from the owner {1}")
    @CsvSource({"DROPPED, OPEN", "OPEN, DROPPED", "SPOILT, OPEN", "OPEN, SPOILT"})
    void shouldNoticeBytesThatAreLostOrSpoiltAndCallAgain(Way toOwner, Way fromOwner) {
        share(16, 1);
        long ups = b.counter(region, "circuitsUp");
        long lost = b.counter(region, "circuitsLost");
        way.set(toOwner, fromOwner);
        Await.until("the circuit to be given up").until(() -> b.counter(region, "circuitsLost") > lost);
        way.heal();

        onA.ask("put", region, 0, 2);
        onA.ask("put", region, 9 * pageSize, 9);

        assertThat(onB.askLong("get-until", region, 0, TRY_MS)).isEqualTo(2);
        assertThat(onB.askLong("get-until", region, 9 * pageSize, TRY_MS)).isEqualTo(9);
        assertThat(b.counter(region, "circuitsUp")).isGreaterThan(ups);
    }

    @Test
    void shouldSurviveAConnectionThatIsReset() {
        share(16, 1);
        for (int n = 2; n < 6; n++) {
            way.reset();
            onA.ask("put", region, 0, n);
            assertThat(onB.askLong("get-until", region, 0, TRY_MS)).isEqualTo(n);
        }
    }

    @Test
    void shouldFailAReadWithinTheDeadlineWhenTheOwnerRefusesConnections() {
        share(16, 1);
        way.refuse();
        Await.until("the circuit to be lost").until(() -> b.counter(region, "circuitsLost") > 0);

        AppFailure failure = failure(onB, "get", region, 7 * pageSize);

        assertThat(failure.cause()).isIn("OWNER_LOST", "DEADLINE");
        assertThat(failure).hasMessageContaining("'" + region + "', page 7");
        way.heal();
        assertThat(onB.askLong("get-until", region, 7 * pageSize, TRY_MS)).isZero();
    }

    @Test
    void shouldNeverShowAnOlderValueWhileEverythingGoesWrong() {
        share(16, 0);
        App alsoOnB = cluster.app(b);
        alsoOnB.ask("map", region);
        Path clock = folder.resolve("clock-" + region);
        CompletableFuture<String> reading = onB.send("read-clock", region, Integer.MAX_VALUE, clock);
        CompletableFuture<String> alsoReading = alsoOnB.send("read-clock", region, Integer.MAX_VALUE, clock);
        for (Runnable fault : new Runnable[] {
            way::cut,
            () -> way.set(Way.HELD, Way.OPEN),
            () -> way.set(Way.OPEN, Way.HELD),
            () -> way.set(Way.OPEN, Way.SPOILT),
            way::reset,
            b::stop
        }) {
            fault.run();
            onA.ask("write-clock", region, 3, clock);
            way.heal();
            b.resume();
            onA.ask("write-clock", region, 20, clock);
            String last = onA.ask("get", region, 0);
            for (App reader : new App[] {onB, alsoOnB}) {
                Await.until("the readers to read again")
                        .untilAsserted(() -> assertThat(reader.ask("get-until", region, 0, TRY_MS))
                                .isEqualTo(last));
            }
        }
        onB.ask("stop-loops");
        alsoOnB.ask("stop-loops");

        assertThat(Long.parseLong(App.await(reading).split(" ")[0])).isGreaterThan(3);
        assertThat(Long.parseLong(App.await(alsoReading).split(" ")[0])).isGreaterThan(3);
    }
}
