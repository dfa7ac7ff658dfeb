package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Flow control of frame streams (SPEC: V12): who waits for whom, how long, what is said about it, and who is left alone. */
class FrameStreamFlowIT extends StreamHosts {
    private static final int SIZE = 100_000;
    /** Above what a busy machine may keep a program that works. */
    private static final int SHORT_MS = 3000;

    private void publish(int frames, int deadlineMs, int dropMs) {
        onA.ask("publish-frames", stream, stream, SIZE, frames, deadlineMs, dropMs, "keep");
    }

    /** Fills and swaps until no frame is free; how many went. The failure says why. */
    private AppFailure swapUntilNoneIsFree(int most) {
        return catchThrowableOfType(AppFailure.class, () -> onA.ask("produce", stream, most, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void shouldEndAWaitForTheFirstConsumerWithAReasonAndGoOnOnceItIsThere(int frames) {
        publish(frames, 500, PATIENT_MS);

        AppFailure failure = swapUntilNoneIsFree(frames + 1);

        assertThat(failure.type()).isEqualTo("RequestTimeoutException");
        assertThat(failure).hasMessageContaining(stream).hasMessageContaining("consumer");
        String[] stats = onA.ask("frame-stats", stream).split(" ");
        assertThat(Long.parseLong(stats[0])).as("frames kept").isEqualTo(frames - 1);
        assertThat(Long.parseLong(stats[3])).as("waits").isEqualTo(1);
        assertThat(onA.ask("window-problem", stream))
                .as("the frame that could not go")
                .isEqualTo("none");
        assertThat(onA.ask("try-swap", stream, 0)).isEqualTo("false");
        assertThat(onA.ask("try-swap", stream, 50)).isEqualTo("false");

        subscribe(onB, "lossless");
        Taken taken = takeAll(onB, 0);
        onA.ask("produce", stream, 10, 0);
        onA.ask("drain", stream, PATIENT_MS);
        onA.ask("finish", stream);
        taken.isAll(frames - 1 + 10);
        onB.ask("finish", stream);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b"})
    void shouldSayWhichConsumerHoldsTheFrames(String where) {
        publish(3, 700, PATIENT_MS);
        App holder = where.equals("a") ? alsoOnA : onB;
        subscribe(holder, "lossless");

        AppFailure failure = swapUntilNoneIsFree(40);

        assertThat(failure.type()).isEqualTo("RequestTimeoutException");
        assertThat(failure).hasMessageContaining(stream);
        if (where.equals("a")) {
            assertThat(failure).hasMessageContaining(Long.toString(holder.pid()));
        } else {
            assertThat(failure).hasMessageContaining("host b");
        }
        Taken taken = takeAll(holder, 0);
        onA.ask("drain", stream, PATIENT_MS);
        long swapped = Long.parseLong(onA.ask("frame-stats", stream).split(" ")[0]);
        onA.ask("finish", stream);
        taken.isAll(swapped);
        holder.ask("finish", stream);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b"})
    void shouldGoOnWithoutAStoppedConsumerThatThenHearsWhyAndStillHasItsWholeFrame(String where) {
        publish(4, PATIENT_MS, SHORT_MS);
        App victim = cluster.app(where.equals("a") ? a : b);
        List<App> others = List.of(alsoOnA, onB, onC);
        subscribe(victim, "lossless");
        others.forEach(app -> subscribe(app, "lossless"));
        List<Taken> taken = others.stream().map(app -> takeAll(app, 2)).toList();
        onA.ask("produce", stream, 5, 0);
        assertThat(victim.ask("take", stream, PATIENT_MS)).startsWith("1 ");
        assertThat(victim.ask("take", stream, PATIENT_MS)).startsWith("2 ");
        victim.stop();

        onA.ask("produce", stream, 300, 0);
        onA.ask("drain", stream, PATIENT_MS);
        onA.ask("finish", stream);

        taken.forEach(one -> one.isAll(305));
        victim.resume();
        assertThat(victim.ask("check-window", stream)).isEqualTo("whole");
        AppFailure dropped = catchThrowableOfType(AppFailure.class, () -> victim.ask("consume", stream, 0, 0));
        assertThat(dropped.type()).isEqualTo("StreamLostException");
        assertThat(dropped.cause()).isEqualTo("TOO_SLOW");
        assertThat(dropped).hasMessageContaining(stream);
        assertThat(victim.ask("check-window", stream)).isEqualTo("whole");
        victim.ask("finish", stream);
        others.forEach(app -> app.ask("finish", stream));
        victim.close();
    }

    @Test
    void shouldNotWaitForALatestConsumerThatIsStopped() {
        publish(2, PATIENT_MS, PATIENT_MS);
        App victim = cluster.app(b);
        App also = cluster.app(a);
        subscribe(onC, "lossless");
        Taken taken = takeAll(onC, 0);
        for (App app : List.of(victim, also)) {
            subscribe(app, "latest");
        }
        onA.ask("produce", stream, 1, 0);
        for (App app : List.of(victim, also)) {
            app.ask("take", stream, PATIENT_MS);
            app.stop();
        }

        onA.ask("produce", stream, 500, 0);

        for (App app : List.of(victim, also)) {
            app.resume();
            assertThat(app.ask("check-window", stream)).isEqualTo("whole");
        }
        onA.ask("finish", stream);
        taken.isAll(501);
        for (App app : List.of(victim, also)) {
            assertThat(app.ask("consume", stream, 0, 0)).endsWith(" 501 499 end");
            app.ask("finish", stream);
            app.close();
        }
        onC.ask("finish", stream);
    }

    @Test
    void shouldServeManyStoppedLatestConsumersOfOneHostWithoutStoppingTheProducer() {
        publish(2, PATIENT_MS, PATIENT_MS);
        List<App> victims = List.of(cluster.app(a), cluster.app(a), cluster.app(a));
        for (App victim : victims) {
            subscribe(victim, "latest");
            onA.ask("produce", stream, 1, 0);
            victim.ask("take", stream, PATIENT_MS);
            victim.stop(); // each holds another frame
        }

        onA.ask("produce", stream, 200, 0);

        for (App victim : victims) {
            victim.resume();
            assertThat(victim.ask("check-window", stream)).isEqualTo("whole");
            assertThat(victim.ask("take", stream, PATIENT_MS)).startsWith("203 ");
            victim.ask("finish", stream);
        }
        onA.ask("finish", stream);
    }

    @Test
    void shouldCountFramesThatConsumersHoldBack() {
        publish(4, SHORT_MS, PATIENT_MS);
        subscribe(onB, "lossless");
        swapUntilNoneIsFree(40);

        JsonNode home = listed(a, stream);
        assertThat(home.toString()).contains("\"b\"");
        assertThat(listed(b, stream).toString()).contains(stream);
        onA.ask("finish", stream);
        onB.ask("finish", stream);
    }

    @Test
    void shouldEndADrainWithAReasonWhenAConsumerDoesNotTakeItsFrames() {
        publish(4, PATIENT_MS, PATIENT_MS);
        subscribe(onB, "lossless");
        onA.ask("produce", stream, 6, 0); // b has room for four

        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> onA.ask("drain", stream, 300));

        assertThat(failure.type()).isEqualTo("RequestTimeoutException");
        assertThat(failure).hasMessageContaining(stream).hasMessageContaining("host b");
        CompletableFuture<String> drained = onA.send("drain", stream, PATIENT_MS);
        assertThat(onB.ask("consume", stream, 6, 0)).isEqualTo("6 1 6 0 more");
        assertThat(App.await(drained)).isEqualTo("done");
        onA.ask("finish", stream);
        onB.ask("finish", stream);
    }
}
