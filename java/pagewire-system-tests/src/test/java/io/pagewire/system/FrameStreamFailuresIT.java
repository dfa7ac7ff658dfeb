package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.system.TcpCut.Way;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every party of a frame stream is killed, stopped or cut off (SPEC: V12, V13): the others go on, nothing is torn, lost in silence
 * or left behind, and the end of a stream is told apart from its loss. The producer is on a, behind the relay.
 */
class FrameStreamFailuresIT extends FaultyHosts {
    private static final int SIZE = 200_000;
    private static final int PATIENT_MS = 40_000;

    /** Above what a busy machine may keep a program that works. */
    private static final int DROP_MS = 3000;

    private String stream;

    @BeforeEach
    void nameTheStream() {
        stream = region.replace("region", "frames");
    }

    private void publish(App app, int dropMs) {
        app.ask("publish-frames", stream, stream, SIZE, 4, PATIENT_MS, dropMs, "keep");
    }

    private void subscribe(App app) {
        app.ask("subscribe-frames", stream, stream, 4, "lossless", PATIENT_MS, PATIENT_MS);
    }

    private CompletableFuture<String> takeAll(App app) {
        return app.send("consume", stream, 0, 2);
    }

    /** Waits until the consumer has seen so many frames. */
    private void awaitSeen(App app, long frames) {
        Await.until("a consumer to have seen " + frames + " frames")
                .until(() -> app.askLong("frame-seen", stream) >= frames);
    }

    private void finish(App... ends) {
        for (App end : ends) {
            end.ask("finish", stream);
        }
    }

    private static void isAll(CompletableFuture<String> taken, long frames) {
        assertThat(App.await(taken)).isEqualTo(frames + " 1 " + frames + " 0 end");
    }

    private void isLost(CompletableFuture<String> work, String... causes) {
        AppFailure failure = failure(work);
        assertThat(failure.type()).isEqualTo("StreamLostException");
        assertThat(failure.cause()).isIn((Object[]) causes);
        assertThat(failure).hasMessageContaining("'" + stream + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b"})
    void shouldGoOnWithoutAConsumerThatIsKilled(String where) {
        Host host = where.equals("a") ? a : b;
        App doomed = cluster.app(host);
        doomed.ask("connect");
        publish(onA, PATIENT_MS);
        subscribe(onB);
        CompletableFuture<String> taken = takeAll(onB);
        onA.ask("produce", stream, 5, 0);
        awaitSeen(onB, 5);
        Map<String, Integer> descriptors = host.steadyDescriptors();
        subscribe(doomed);
        CompletableFuture<String> produced = onA.send("produce", stream, 1000, 1);
        takeAll(doomed);
        awaitSeen(doomed, 20);

        doomed.kill();

        App.await(produced);
        onA.ask("drain", stream, PATIENT_MS);
        Await.until("host " + where + " to let go of the dead consumer")
                .untilAsserted(() -> assertThat(host.descriptors()).containsAllEntriesOf(without(descriptors, doomed)));
        finish(onA);
        isAll(taken, 1005);
        finish(onB);
    }

    /** The dead program's own connection had been open when descriptors were counted. */
    private static Map<String, Integer> without(Map<String, Integer> descriptors, App doomed) {
        assertThat(doomed.isAlive()).isFalse();
        Map<String, Integer> less = new java.util.TreeMap<>(descriptors);
        less.keySet().removeIf(kind -> !kind.equals("memfd"));
        return less;
    }

    @Test
    void shouldTellAConsumerThatItsDaemonIsGoneAndServeOthersAndLaterOnes() {
        App alsoOnA = cluster.app(a);
        publish(onA, DROP_MS);
        subscribe(onB);
        subscribe(alsoOnA);
        CompletableFuture<String> onLostHost = takeAll(onB);
        CompletableFuture<String> steady = takeAll(alsoOnA);
        onA.ask("produce", stream, 20, 0);
        awaitSeen(onB, 10);

        b.kill();

        onA.ask("produce", stream, 200, 0);
        isLost(onLostHost, "DAEMON_LOST");
        assertThat(onB.ask("check-window", stream)).isEqualTo("whole");
        finish(onB);
        b.start();
        App fresh = cluster.app(b);
        subscribe(fresh);
        CompletableFuture<String> produced = onA.send("produce", stream, 10, 0);
        assertThat(fresh.ask("consume", stream, 10, 0)).isEqualTo("10 221 230 0 more");
        App.await(produced);
        finish(onA);
        isAll(steady, 230);
        assertThat(fresh.ask("take", stream, PATIENT_MS)).isEqualTo("end");
        finish(alsoOnA, fresh);
    }

    @Test
    void shouldDrainForAsLongAsConsumersGetOn() {
        onA.ask("publish-frames", stream, stream, 4 << 20, 4, DROP_MS, PATIENT_MS, "keep");
        subscribe(onB);
        CompletableFuture<String> taken = takeAll(onB);
        way.slow(1 << 20);
        onA.ask("produce", stream, 3, 0);

        onA.ask("drain-patiently", stream); // twelve seconds for twelve megabytes

        finish(onA);
        isAll(taken, 3);
        way.heal();
        finish(onB);
    }

    @Test
    void shouldDeliverWhatWasSwappedBeforeTheProducersDaemonStops() {
        App doomed = cluster.app(a);
        doomed.ask("publish-frames", stream, stream, 4 << 20, 4, DROP_MS, PATIENT_MS, "keep");
        subscribe(onB);
        CompletableFuture<String> taken = takeAll(onB);
        way.slow(1 << 20);
        doomed.ask("produce", stream, 3, 0);

        a.terminate();

        assertThat(a.awaitExit()).isZero();
        isLost(taken, "PRODUCER_LOST");
        assertThat(onB.askLong("frame-seen", stream)).isEqualTo(3);
        way.heal();
        finish(onB);
    }

    @Test
    void shouldEndAStopWhoseFramesNobodyTakes() {
        App doomed = cluster.app(a);
        doomed.ask("publish-frames", stream, stream, 4 << 20, 4, DROP_MS, PATIENT_MS, "keep");
        subscribe(onB);
        CompletableFuture<String> taken = takeAll(onB);
        doomed.ask("produce", stream, 1, 0);
        awaitSeen(onB, 1);
        way.cut();
        doomed.ask("produce", stream, 2, 0);

        a.terminate();

        assertThat(a.awaitExit()).isEqualTo(1);
        assertThat(a.log())
                .contains("stream " + stream + " ends before every host has all of its frames")
                // That frame 1 has come whole may be among what the cut holds back.
                .containsPattern("has frame [01] of 3: nothing has moved for ");
        way.heal();
        isLost(taken, "OWNER_LOST", "PRODUCER_LOST", "NO_OWNER", "UNKNOWN_REGION");
        finish(onB);
    }

    @Test
    void shouldTellTheDeathOfAProducerApartFromItsEndAfterAllThatItHadSwapped() {
        App doomed = cluster.app(a);
        publish(doomed, PATIENT_MS);
        subscribe(onA);
        subscribe(onB);
        doomed.ask("produce", stream, 3, 0);

        doomed.kill();

        for (App app : new App[] {onA, onB}) {
            assertThat(app.ask("consume", stream, 3, 0)).isEqualTo("3 1 3 0 more");
            isLost(app.send("take", stream, PATIENT_MS), "PRODUCER_LOST");
            assertThat(app.ask("check-window", stream)).isEqualTo("whole");
            isLost(app.send("take", stream, PATIENT_MS), "PRODUCER_LOST");
        }
        finish(onA, onB);

        publish(onB, PATIENT_MS); // of the same name, elsewhere
        subscribe(onA);
        onB.ask("produce", stream, 5, 0);
        finish(onB);
        isAll(takeAll(onA), 5);
        finish(onA);
    }

    @Test
    void shouldTellEverybodyWhenTheProducersDaemonIsKilledAndLetTheNameBeUsedAgain() {
        App alsoOnA = cluster.app(a);
        publish(onA, DROP_MS);
        subscribe(onB);
        subscribe(alsoOnA);
        CompletableFuture<String> onOtherHost = takeAll(onB);
        CompletableFuture<String> onSameHost = takeAll(alsoOnA);
        CompletableFuture<String> produced = onA.send("produce", stream, 1_000_000, 1);
        awaitSeen(onB, 20);

        a.kill();

        isLost(produced, "DAEMON_LOST");
        isLost(onSameHost, "DAEMON_LOST");
        isLost(onOtherHost, "OWNER_LOST", "NO_OWNER");
        assertThat(onB.ask("check-window", stream)).isEqualTo("whole");
        assertThat(alsoOnA.ask("check-window", stream)).isEqualTo("whole");
        finish(onA, onB, alsoOnA);
        a.start();
        App fresh = cluster.app(a);
        Await.until("the name to be free again")
                .ignoreExceptionsMatching(AppFailure.class::isInstance)
                .until(() -> {
                    publish(fresh, PATIENT_MS);
                    return true;
                });
        subscribe(onB);
        fresh.ask("produce", stream, 3, 0);
        finish(fresh);
        isAll(takeAll(onB), 3);
        finish(onB);
    }

    @ParameterizedTest
    @CsvSource({"HELD, HELD", "HELD, OPEN", "OPEN, HELD"})
    void shouldLoseNothingWhenTheWayIsCutForLessThanTheDeadline(Way toProducer, Way fromProducer) {
        publish(onA, PATIENT_MS);
        subscribe(onB);
        CompletableFuture<String> taken = takeAll(onB);
        CompletableFuture<String> produced = onA.send("produce", stream, 600, 2);
        for (int seen : new int[] {50, 200}) {
            awaitSeen(onB, seen);
            way.set(toProducer, fromProducer);
            Await.until("the producer to wait")
                    .until(() -> listed(a, stream).path("waiting").asBoolean());
            Await.until("the circuit to be given up")
                    .until(() -> listed(b, stream).path("circuit").asInt() == 0);
            way.heal();
        }
        App.await(produced);
        onA.ask("drain", stream, PATIENT_MS);
        finish(onA);
        isAll(taken, 600);
        finish(onB);
    }

    @Test
    void shouldLoseNothingWhenConnectionsBreakAgainAndAgain() {
        publish(onA, PATIENT_MS);
        subscribe(onB);
        CompletableFuture<String> taken = takeAll(onB);
        CompletableFuture<String> produced = onA.send("produce", stream, 1500, 2);
        for (int round = 1; round <= 10; round++) {
            awaitSeen(onB, 40L * round);
            assertThat(way.reset()).as("connections").isPositive();
        }
        App.await(produced);
        onA.ask("drain", stream, PATIENT_MS);
        finish(onA);
        isAll(taken, 1500);
        finish(onB);
    }

    @Test
    void shouldEndTheWaitForAHostThatIsCutOffForLongerThanTheDeadlineOnBothSides() {
        App alsoOnA = cluster.app(a);
        publish(onA, DROP_MS);
        subscribe(onB);
        subscribe(alsoOnA);
        CompletableFuture<String> cutOff = takeAll(onB);
        CompletableFuture<String> steady = takeAll(alsoOnA);
        onA.ask("produce", stream, 50, 0);
        awaitSeen(onB, 40);

        way.cut();

        onA.ask("produce", stream, 300, 0);
        isLost(cutOff, "OWNER_LOST");
        assertThat(onB.ask("check-window", stream)).isEqualTo("whole");
        finish(onB);
        way.heal();
        subscribe(onB);
        CompletableFuture<String> produced = onA.send("produce", stream, 10, 0);
        assertThat(onB.ask("consume", stream, 10, 0)).isEqualTo("10 351 360 0 more");
        App.await(produced);
        finish(onA);
        isAll(steady, 360);
        finish(onB, alsoOnA);
    }

    private enum Length {
        SHORT,
        LONG
    }

    @ParameterizedTest
    @EnumSource(Length.class)
    void shouldBearAStoppedDaemonOfAConsumer(Length length) {
        App alsoOnA = cluster.app(a);
        publish(onA, length == Length.SHORT ? PATIENT_MS : DROP_MS);
        subscribe(onB);
        subscribe(alsoOnA);
        CompletableFuture<String> behind = takeAll(onB);
        CompletableFuture<String> steady = takeAll(alsoOnA);
        CompletableFuture<String> produced = onA.send("produce", stream, 500, 1);
        awaitSeen(onB, 40);

        b.stop();

        if (length == Length.LONG) {
            App.await(produced); // goes on without that host after the deadline
            b.resume();
            isLost(behind, "TOO_SLOW", "OWNER_LOST");
            assertThat(onB.ask("check-window", stream)).isEqualTo("whole");
            finish(onA);
        } else {
            b.resume();
            App.await(produced);
            onA.ask("drain", stream, PATIENT_MS);
            finish(onA);
            isAll(behind, 500);
        }
        isAll(steady, 500);
        finish(onB, alsoOnA);
    }

    @Test
    void shouldGoOnAfterTheProducerOrItsDaemonWasStoppedForAWhile() {
        publish(onA, PATIENT_MS);
        subscribe(onB);
        CompletableFuture<String> taken = takeAll(onB);
        CompletableFuture<String> produced = onA.send("produce", stream, 500, 1);
        awaitSeen(onB, 50);
        onA.stop();
        long seen = settled(onB);
        onA.resume();
        awaitSeen(onB, seen + 50);
        a.stop();
        settled(onB);
        a.resume();

        App.await(produced);
        onA.ask("drain", stream, PATIENT_MS);
        finish(onA);
        isAll(taken, 500);
        finish(onB);
    }

    /** Waits until no frame comes any more; how many came. */
    private long settled(App consumer) {
        AtomicLong last = new AtomicLong(-1);
        Await.until("the frames to stop").during(Duration.ofMillis(300)).until(() -> {
            long seen = consumer.askLong("frame-seen", stream);
            return last.getAndSet(seen) == seen;
        });
        return last.get();
    }

    /** What b lists of the stream. */
    private static com.fasterxml.jackson.databind.JsonNode listed(Host host, String stream) {
        return StreamHosts.listed(host, stream);
    }
}
