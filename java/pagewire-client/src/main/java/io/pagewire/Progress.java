package io.pagewire;

/**
 * Hears how far a call has come that fills memory with a region's bytes; see {@link RegionOptions} and {@link MapOptions}.
 *
 * <p>Called by the thread that makes the call, a few dozen times a second at most, while the call lasts.
 */
@FunctionalInterface
public interface Progress {
    /**
     * What has been done; the last call of one that succeeds says that all is. What it throws ends the call, which leaves
     * nothing mapped and nothing exported, and is thrown to its caller. It must not close the connection.
     *
     * @param done bytes, 0 to total; never fewer than before
     * @param total bytes in all
     */
    void progressed(long done, long total);
}
