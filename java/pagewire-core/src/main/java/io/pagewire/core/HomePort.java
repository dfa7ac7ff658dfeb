package io.pagewire.core;

/**
 * What the core of a home region asks of the circuits and of the memory behind the pages. Calls never call back into the core.
 *
 * <p>Called on the region's thread only.
 */
public interface HomePort {
    /** Result of {@link #sendPages}: the bytes were read and sent. */
    int SENT = 0;

    /**
     * Result of {@link #sendPages}: the first page must be read from disk first; nothing was sent. The adapter calls
     * {@code dataReady(page, 0 or a cause)} later and the core asks again.
     */
    int WARMING = -1;

    /**
     * Reads the pages now and sends them to the host of {@code slot}. No process can write to them at this moment. Returns
     * {@link #SENT}, {@link #WARMING}, or a positive {@link Cause}: the first page cannot be read, nothing was sent.
     */
    int sendPages(int slot, int request, long firstPage, int count, int grantNumber, boolean last);

    /** Answers what is left of a fetch. Cause 0: busy or in a local writer's hands, ask again when somebody needs it. */
    void decline(int slot, int request, long firstPage, int count, int cause);

    /** Tells the host of {@code slot} to give up its copies; the answer is {@code purged(slot, operation, ...)}. */
    void purge(int slot, long firstPage, int count, int operation);

    /**
     * The host of {@code slot} keeps its circuit alive but has not answered a purge within D_home: close the circuit and send
     * no more echoes. {@code hostGone} follows, as for every lost circuit, once the host's lease has run out.
     */
    void hangUp(int slot, int cause);
}
