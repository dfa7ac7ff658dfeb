package io.pagewire;

import java.time.Duration;

/**
 * What one end of a stream has done since it was opened; counts never go back (SPEC: V12).
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param frames frames swapped
 * @param bytes used bytes of them
 * @param skipped frames skipped; always 0 for a writer
 * @param waits times that no frame was free, or none had come
 * @param waited total time of these waits
 * @param swapping total time to move page tables
 * @param longestSwap the longest of them
 * @param retries accesses to the window that met a swap and waited for its end
 */
public record StreamStats(
        long frames,
        long bytes,
        long skipped,
        long waits,
        Duration waited,
        Duration swapping,
        Duration longestSwap,
        long retries) {
    /** How many counts {@code struct pw_stream_stats} has. */
    static final int FIELDS = 8;

    static StreamStats of(long[] v) {
        return new StreamStats(
                v[0], v[1], v[2], v[3], Duration.ofNanos(v[4]), Duration.ofNanos(v[5]), Duration.ofNanos(v[6]), v[7]);
    }

    /** The mean time to move the page tables of one frame; zero when no frame was swapped. */
    public Duration meanSwap() {
        return frames == 0 ? Duration.ZERO : swapping.dividedBy(frames);
    }
}
