package io.pagewire.system.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pagewire.Frame;
import io.pagewire.FrameOptions;
import io.pagewire.FrameReader;
import io.pagewire.FrameWriter;
import io.pagewire.Pagewire;
import io.pagewire.RequestTimeoutException;
import io.pagewire.StreamLostException;
import io.pagewire.StreamStats;
import io.pagewire.SubscribeOptions;
import io.pagewire.wire.FaultCause;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Both ends of a stream as Java sees them (SPEC: V12). Thread rule: one thread a test, and one that waits. */
class FrameEndsIT {
    private static final int SIZE = 10_000;
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static Pagewire pagewire;

    @BeforeAll
    static void start() {
        pagewire = Pagewire.embedded();
    }

    @AfterAll
    static void stop() {
        pagewire.close();
    }

    private static FrameOptions options() {
        return FrameOptions.ofSize(SIZE);
    }

    @Test
    void shouldShowFrameAfterFrameInTheSameBuffers() {
        FrameWriter writer = pagewire.publishFrames("buffers", options());
        try (FrameReader reader = pagewire.subscribeFrames("buffers")) {
            ByteBuffer from = writer.window();
            ByteBuffer to = reader.window();
            assertThat(from.isDirect()).isTrue();
            assertThat(from.order()).isEqualTo(ByteOrder.nativeOrder());
            assertThat(from.capacity()).isEqualTo(SIZE);
            assertThat(to.order()).isEqualTo(ByteOrder.nativeOrder());
            assertThat(to.capacity()).isEqualTo(SIZE);
            assertThat(to.limit()).as("no frame is there yet").isZero();
            assertThat(writer.warning()).isEmpty();
            assertThat(reader.warning().orElse(""))
                    .as("two windows in one process")
                    .contains("buffers");
            assertThat(reader.address()).isNotEqualTo(writer.address());
            Instant before = Instant.now();
            for (int number = 1; number <= 50; number++) {
                from.putInt(0, number).putInt(SIZE - 4, -number).position(100).limit(200);
                writer.swap(number == 7 ? 0 : SIZE - number % 2);
                assertThat(writer.window()).isSameAs(from);
                assertThat(from.position()).isZero();
                assertThat(from.limit()).isEqualTo(SIZE);
                Frame frame = reader.next(LONG).orElseThrow();
                assertThat(frame.number()).isEqualTo(number);
                assertThat(frame.skipped()).isZero();
                assertThat(frame.length()).isEqualTo(number == 7 ? 0 : SIZE - number % 2);
                assertThat(frame.time()).isBetween(before, Instant.now());
                assertThat(reader.window()).isSameAs(to);
                assertThat(to.position()).isZero();
                assertThat(to.limit()).isEqualTo(frame.length());
                assertThat(to.clear().getInt(0)).isEqualTo(number);
                assertThat(to.getInt(SIZE - 4)).isEqualTo(-number);
            }
            assertThatExceptionOfType(ReadOnlyBufferException.class).isThrownBy(() -> to.put(0, (byte) 1));
            StreamStats sent = writer.stats();
            StreamStats received = reader.stats();
            assertThat(sent.frames()).isEqualTo(50);
            assertThat(received.frames()).isEqualTo(50);
            assertThat(received.bytes()).isEqualTo(sent.bytes()).isEqualTo(49L * SIZE - 24);
            assertThat(sent.meanSwap()).isPositive().isLessThanOrEqualTo(sent.longestSwap());
            writer.close();
            assertThat(reader.next(LONG)).isEmpty();
            assertThat(reader.next()).as("the end stays the end").isEmpty();
            assertThat(to.getInt(0)).as("the last frame stays").isEqualTo(50);
        } finally {
            writer.close();
        }
    }

    @Test
    void shouldTellConsumersThatAnAbandonedStreamIsNotWhole() {
        FrameWriter writer = pagewire.publishFrames("abandoned", options());
        try (FrameReader reader = pagewire.subscribeFrames("abandoned")) {
            writer.swap();
            writer.abandon();
            writer.close();
            assertThatIllegalStateException().isThrownBy(writer::swap).withMessageContaining("closed");
            assertThat(reader.next(LONG)).isPresent();
            assertThatExceptionOfType(StreamLostException.class)
                    .isThrownBy(() -> reader.next(LONG))
                    .satisfies(e -> assertThat(e.faultCause()).isEqualTo(FaultCause.PRODUCER_LOST));
        } finally {
            writer.abandon();
        }
    }

    @Test
    void shouldLeaveTheWindowAsItIsWhenNoFrameIsFree() {
        FrameOptions two = options().withFrames(2).withDeadline(SHORT);
        try (FrameWriter writer = pagewire.publishFrames("full", two)) {
            writer.window().putInt(0, 1);
            assertThat(writer.trySwap(Duration.ZERO)).isTrue();
            writer.window().putInt(0, 2).position(5);
            assertThat(writer.trySwap(Duration.ZERO)).isFalse();
            assertThat(writer.trySwap(4, SHORT)).isFalse();
            assertThat(writer.window().position()).isEqualTo(5);
            assertThatExceptionOfType(RequestTimeoutException.class)
                    .isThrownBy(writer::swap)
                    .withMessageContaining("full")
                    .withMessageContaining("no consumer");
            assertThatExceptionOfType(RequestTimeoutException.class).isThrownBy(() -> writer.drain(SHORT));
            assertThat(writer.window().getInt(0)).isEqualTo(2);
            try (FrameReader reader = pagewire.subscribeFrames("full")) {
                assertThat(reader.next(LONG)).map(Frame::number).contains(1L);
                assertThatExceptionOfType(RequestTimeoutException.class).isThrownBy(() -> reader.next(SHORT));
                assertThat(writer.trySwap(4, LONG)).isTrue();
                assertThat(reader.next(LONG)).map(Frame::length).contains(4);
                assertThat(reader.window().getInt(0)).isEqualTo(2);
            }
        }
    }

    @Test
    void shouldRefuseLengthsAndTimeoutsOutOfRange() {
        try (FrameWriter writer = pagewire.publishFrames("range", options().withDiscard(true))) {
            assertThatIllegalArgumentException().isThrownBy(() -> writer.swap(SIZE + 1L));
            assertThatIllegalArgumentException().isThrownBy(() -> writer.swap(-1));
            assertThatIllegalArgumentException().isThrownBy(() -> writer.trySwap(Duration.ofMillis(-1)));
            writer.swap();
            assertThat(writer.stats().frames()).isEqualTo(1);
        }
    }

    @Test
    void shouldRefuseEverythingOnceClosedAndDoNoHarmThroughAKeptBuffer() {
        FrameWriter writer = pagewire.publishFrames("closed", options());
        FrameReader reader = pagewire.subscribeFrames("closed");
        ByteBuffer from = writer.window();
        ByteBuffer to = reader.window();
        from.putInt(0, 5);
        writer.swap();
        assertThat(reader.next(LONG)).isPresent();
        assertThat(to.getInt(0)).isEqualTo(5);
        writer.close();
        writer.close();
        reader.close();
        reader.close();
        assertThatIllegalStateException().isThrownBy(writer::swap).withMessageContaining("'closed'");
        assertThatIllegalStateException().isThrownBy(() -> writer.trySwap(SHORT));
        assertThatIllegalStateException().isThrownBy(() -> writer.drain(SHORT));
        assertThatIllegalStateException().isThrownBy(writer::stats);
        assertThatIllegalStateException().isThrownBy(reader::next).withMessageContaining("'closed'");
        assertThatIllegalStateException().isThrownBy(() -> reader.next(SHORT));
        assertThatIllegalStateException().isThrownBy(reader::stats);
        from.putInt(0, 6);
        assertThat(to.getInt(0)).isZero();
    }

    @Test
    void shouldCloseOnlyWhenNobodyWaitsInsideAnyMore() {
        try (FrameWriter writer = pagewire.publishFrames("waits", options())) {
            FrameReader reader = pagewire.subscribeFrames("waits");
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> {
                while (true) {
                    try {
                        reader.next(SHORT);
                    } catch (RequestTimeoutException e) {
                        // Nothing comes here; it waits again, until the reader is closed.
                    }
                }
            });
            while (reader.stats().waits() == 0) {
                Thread.onSpinWait(); // stats take turns with next, so one has ended by then
            }
            reader.close();
            assertThatThrownBy(waiting::join)
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(IllegalStateException.class);
            assertThat(writer.stats().frames()).isZero();
        }
    }

    @Test
    void shouldFinishItsStreamsWhenAConnectionIsClosed() {
        Pagewire other = Pagewire.connect(pagewire.socket());
        FrameWriter writer = other.publishFrames("finished", options());
        FrameReader theirs = other.subscribeFrames("finished");
        try (FrameReader reader = pagewire.subscribeFrames("finished")) {
            writer.swap(4);
            other.close();
            assertThat(reader.next(LONG)).map(Frame::number).contains(1L);
            assertThat(reader.next(LONG)).isEmpty();
        }
        assertThatIllegalStateException().isThrownBy(writer::swap);
        assertThatIllegalStateException().isThrownBy(theirs::next);
    }

    @Test
    void shouldSayThatTheDaemonHasGone() {
        Pagewire mortal = Pagewire.embedded();
        // A connection of our own: closing the one that started the daemon would close the ends, too.
        try (Pagewire other = Pagewire.connect(mortal.socket());
                FrameWriter writer = other.publishFrames("mortal", options());
                FrameReader reader = other.subscribeFrames(
                        "mortal", SubscribeOptions.defaults().withLatest(true))) {
            mortal.close();
            assertThatExceptionOfType(StreamLostException.class)
                    .isThrownBy(() -> reader.next(LONG))
                    .satisfies(e -> assertThat(e.faultCause()).isEqualTo(FaultCause.DAEMON_LOST))
                    .withMessageContaining("mortal");
            assertThatExceptionOfType(StreamLostException.class)
                    .isThrownBy(() -> {
                        while (true) {
                            writer.swap();
                        }
                    })
                    .satisfies(e -> assertThat(e.faultCause()).isEqualTo(FaultCause.DAEMON_LOST));
        }
    }
}
