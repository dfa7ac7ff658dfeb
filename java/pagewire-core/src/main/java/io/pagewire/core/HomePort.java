package io.pagewire.core;

/**
 * What the core of a home region asks of the circuits and of the memory behind the pages. Calls never call back into the core.
 *
 * <p>Called on the region's thread only.
 */
public interface HomePort extends FramePort {
    /** Result of {@link #sendPages}: the bytes were read and sent. */
    int SENT = 0;

    /**
     * Result of {@link #sendPages}: the first page must be read from disk first; nothing was sent. The adapter calls
     * {@code dataReady(page, 0 or a cause)} later and the core asks again.
     */
    int WARMING = -1;

    /**
     * Reads the pages now and sends them to the host of {@code slot}, which may write them when {@code exclusive}. No process
     * can write to them at this moment. Returns
     * {@link #SENT}, {@link #WARMING}, or a positive {@link Cause}: the first page cannot be read, nothing was sent.
     */
    int sendPages(int slot, int request, long firstPage, int count, int grantNumber, boolean last, boolean exclusive);

    /**
     * Whether pages may be sent to the host of {@code slot} now. False: it has not taken yet what was sent to it, or others have
     * to have their turn; then {@code writable(slot)} follows, but not from within a call of the core.
     */
    boolean takes(int slot);

    /**
     * How many pages that nobody waits for may be sent to the host of {@code slot}, which takes pages now. 0: what is
     * on its way would delay what somebody waits for; then {@code writable(slot)} follows, like for {@link #takes}.
     */
    int takesAhead(int slot);

    /** Tells the host of {@code slot} that it may write the copy it has. */
    void upgrade(int slot, int request, long page, int grantNumber);

    /**
     * Tells the holder to write a page back and to keep at most {@code left}; the answer is {@code recalled(slot, page,
     * operation, ...)}.
     */
    void recall(int slot, long page, Right left, int operation);

    /**
     * Writes the pages that the message which is being handled carries into their frames. Called from within {@code recalled},
     * {@code wroteBack}, {@code handedBack} only. Returns 0 or the {@link Cause} why they cannot be stored.
     */
    int store(long firstPage, int count);

    /** Answers bytes that came home: stored (cause 0), or not, and then they are lost. */
    void acknowledge(int slot, long firstPage, int count, int grantNumber, int cause);

    /**
     * The host of {@code slot} alone has these pages from now on, or will when the message that says so has come: called before that
     * message is sent. What is remembered of these calls is what {@link HomeRegion#hostWasHere} and {@link HomeRegion#heldBefore} want
     * to know after a restart.
     */
    void holds(int slot, long firstPage, int count, int grantNumber);

    /**
     * Home has these pages again: their bytes are stored, or went back to what home has, and the loss has been told by {@link #lost}.
     * Called before the bytes are acknowledged.
     */
    void home(long firstPage, int count);

    /**
     * The host of {@code slot}, which held these pages exclusively, is gone with what it had written since: they are again what
     * home has. Everybody who has the region mapped is to be told.
     */
    void lost(long firstPage, int count, int slot);

    /**
     * Makes sure that pages which somebody is about to write can be stored where they belong (blocks of a sparse file). Returns
     * 0 or a {@link Cause}. Called for the pages of one grant.
     */
    int reserveForWrite(long firstPage, int count);

    /** A published change of this page may be applied now: no process and no other host has the page. Returns 0 or a cause. */
    int applyPublished(int slot, long page);

    /** The change that {@code publish} announced was applied, or not because of the cause. */
    void published(int slot, long page, int cause);

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
