package io.pagewire.daemon.config;

import java.nio.file.Path;

/**
 * How much memory the frames of a daemon may take, and where pages go that do not fit (SPEC: V7).
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param maxBytes most bytes of frames; 0 = no bound, and nothing is ever spilled
 * @param spillMaxBytes most bytes of all spill files together; 0 = nothing is spilled; {@link #NOT_GIVEN} = written pages of
 *     regions of this host are spilled as far as the disk has room, copies of other hosts' pages are dropped
 * @param spillDir directory of the spill files
 */
public record FrameSettings(long maxBytes, long spillMaxBytes, Path spillDir) {
    /** Nobody has said how much may be spilled. */
    public static final long NOT_GIVEN = -1;

    /** Least value of {@code frames.max}, in bytes. */
    public static final long LEAST = 1 << 20;

    /** A region must find room for that many frames. */
    public static final int LEAST_FRAMES = 16;

    /** Whether there is a bound at all. */
    public boolean limited() {
        return maxBytes > 0;
    }

    /** Whether pages of regions of this host may be spilled. */
    public boolean spillsOwn() {
        return limited() && spillMaxBytes != 0;
    }

    /** Whether copies of other hosts' pages are spilled rather than dropped. */
    public boolean spillsCopies() {
        return limited() && spillMaxBytes > 0;
    }

    /** Whether enough frames of this size fit for a region to be of use. */
    public boolean fits(int pageSize) {
        return !limited() || maxBytes / pageSize >= LEAST_FRAMES;
    }
}
