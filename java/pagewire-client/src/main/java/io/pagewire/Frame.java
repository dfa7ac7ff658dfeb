package io.pagewire;

import java.time.Instant;

/**
 * The frame that stands in the window of a {@link FrameReader} (SPEC: V12).
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param number the stream's first frame has 1, each one more than the one before
 * @param length bytes used, 0 to the frame size
 * @param time when the producer swapped, by the clock of its host
 * @param skipped frames of the stream that were skipped between the one seen before and this one; 0 for the first
 */
public record Frame(long number, int length, Instant time, long skipped) {
    private static final long SECOND = 1_000_000_000L;

    /** How many fields {@code struct pw_frame} has. */
    static final int FIELDS = 4;

    static Frame of(long[] v) {
        return new Frame(v[0], (int) v[1], Instant.ofEpochSecond(v[2] / SECOND, v[2] % SECOND), v[3]);
    }
}
