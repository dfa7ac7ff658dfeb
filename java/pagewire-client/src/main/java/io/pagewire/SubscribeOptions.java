package io.pagewire;

import io.pagewire.wire.LocalLayout;
import java.time.Duration;

/**
 * How to subscribe to a stream of frames (SPEC: V12). Start from {@link #defaults()} and change what is needed.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param frames frames of this host, 2 to 16 (default 4): so many may be under way to its consumers. The first consumer of a host
 *     decides; on the producer's host they are the producer's
 * @param latest true = {@link FrameReader#next()} skips to the newest whole frame, and this consumer never holds anybody up; false
 *     (default) = every frame comes, and the producer waits for it
 * @param producerWait how long to wait for a producer of that name, zero (= not at all) to 1 hour (default 5 s)
 * @param deadline how long {@link FrameReader#next()} waits for a frame, 1 ms to 1 hour (default 10 s)
 */
public record SubscribeOptions(int frames, boolean latest, Duration producerWait, Duration deadline) {
    private static final SubscribeOptions DEFAULTS =
            new SubscribeOptions(LocalLayout.DEFAULT_FRAMES, false, Duration.ofSeconds(5), Duration.ofSeconds(10));

    /** Checks the ranges; IllegalArgumentException says which one was left. */
    public SubscribeOptions {
        StreamRanges.frames(frames);
        StreamRanges.time("producerWait", producerWait, Duration.ZERO);
        StreamRanges.time("deadline", deadline, StreamRanges.LEAST_DEADLINE);
    }

    /** Four frames, every one of them, 5 s for a producer to come and 10 s for a frame. */
    public static SubscribeOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another number of frames. */
    public SubscribeOptions withFrames(int value) {
        return new SubscribeOptions(value, latest, producerWait, deadline);
    }

    /** The same with another choice between every frame and the newest one. */
    public SubscribeOptions withLatest(boolean value) {
        return new SubscribeOptions(frames, value, producerWait, deadline);
    }

    /** The same with another time to wait for a producer. */
    public SubscribeOptions withWait(Duration value) {
        return new SubscribeOptions(frames, latest, value, deadline);
    }

    /** The same with another deadline of {@link FrameReader#next()}. */
    public SubscribeOptions withDeadline(Duration value) {
        return new SubscribeOptions(frames, latest, producerWait, value);
    }
}
