package io.pagewire;

import io.pagewire.wire.LocalLayout;
import java.time.Duration;

/**
 * How to publish a stream of frames (SPEC: V12). Start from {@link #ofSize(long)} and change what is needed.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param frameSize bytes a frame may have, 1 to 1 GiB; each frame says how many of them it uses
 * @param frames frames of the producer's host, 2 to 16 (default 4): one is in the window, the others travel or wait
 * @param deadline how long {@link FrameWriter#swap()} waits for a free frame, 1 ms to 1 hour (default 10 s)
 * @param dropAfter how long a consumer may hold the producer up before it is dropped, 100 ms to 1 hour (default 5 s)
 * @param discard true = frames for which there is no consumer are let go and counted; false (default) = they are kept for the
 *     first consumer, and the producer waits when there is no frame left
 */
public record FrameOptions(long frameSize, int frames, Duration deadline, Duration dropAfter, boolean discard) {
    private static final Duration LEAST_DROP = Duration.ofMillis(100);

    /** Checks the ranges; IllegalArgumentException says which one was left. */
    public FrameOptions {
        if (frameSize < 1 || frameSize > LocalLayout.MOST_FRAME_SIZE) {
            throw new IllegalArgumentException(
                    "frame size " + frameSize + " is not between 1 and " + LocalLayout.MOST_FRAME_SIZE + " bytes");
        }
        StreamRanges.frames(frames);
        StreamRanges.time("deadline", deadline, StreamRanges.LEAST_DEADLINE);
        StreamRanges.time("dropAfter", dropAfter, LEAST_DROP);
    }

    /** Frames of up to this many bytes; four of them, deadlines of 10 s and 5 s, kept for the first consumer. */
    public static FrameOptions ofSize(long frameSize) {
        return new FrameOptions(
                frameSize, LocalLayout.DEFAULT_FRAMES, Duration.ofSeconds(10), Duration.ofSeconds(5), false);
    }

    /** The same with another number of frames. */
    public FrameOptions withFrames(int value) {
        return new FrameOptions(frameSize, value, deadline, dropAfter, discard);
    }

    /** The same with another deadline of {@link FrameWriter#swap()}. */
    public FrameOptions withDeadline(Duration value) {
        return new FrameOptions(frameSize, frames, value, dropAfter, discard);
    }

    /** The same with another time after which a consumer that holds the producer up is dropped. */
    public FrameOptions withDropAfter(Duration value) {
        return new FrameOptions(frameSize, frames, deadline, value, discard);
    }

    /** The same with another choice of what becomes of frames for which there is no consumer. */
    public FrameOptions withDiscard(boolean value) {
        return new FrameOptions(frameSize, frames, deadline, dropAfter, value);
    }
}
