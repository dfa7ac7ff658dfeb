package io.pagewire.core;

/**
 * What the core of a region asks of the memory behind its pages: frames and the spill file. Calls never call back into the core.
 * Nothing but {@link #discard} is called while the region's {@link FrameBudget} has no bound. SPEC: V7.
 *
 * <p>Called on the region's thread only.
 */
public interface FramePort {
    /** Result of {@link #load}: {@code loaded(page, cause)} follows. */
    int LOADING = -1;

    /** The frames of these pages hold nothing any more and no process may touch them: their memory may be given back. */
    void discard(long firstPage, int count);

    /**
     * Begins to write the page's frame to the spill file. No process may change the frame until {@code spilled(page, cause)}
     * follows, which it does once. Returns the sector, 1 and up, or 0 when there is no room: then nothing follows.
     */
    int spill(long page);

    /** Reads a sector into the frame of a page. Returns 0: it stands there; {@link #LOADING}; or a {@link Cause}. */
    int load(long page, int sector);

    /** The sector is not needed any more. Never called while a {@code spilled} or {@code loaded} of it is to come. */
    void forget(int sector);
}
