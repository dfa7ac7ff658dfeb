package io.pagewire.core;

/**
 * What the core of a region at a client host asks of its circuit and of its frames. Calls never call back into the core.
 *
 * <p>Called on the region's thread only.
 */
public interface ClientPort extends FramePort {
    /**
     * The entries hold circuit 0, the name server: find the owner and set a circuit up. The answer is {@code circuitUp} or
     * {@code circuitFailed}. Called only when no right is left with any process and no copy is held. SPEC: V13.
     */
    void resolve();

    /** Asks home for a run of pages; the first is wanted, the others are read-ahead. SPEC: V5. */
    void fetch(int request, long firstPage, int count);

    /** Asks for a run of pages that nobody waits for; home gives what it can do without taking anything from anybody. */
    void fetchAhead(int request, long firstPage, int count);

    /**
     * Asks to write the first page, and as many behind it as nobody else uses. {@code heldGrant}: the grant number of the copy
     * of the first page that is here, 0 when there is none.
     */
    void want(int request, long firstPage, int count, int heldGrant);

    /**
     * Answers a recall: this host keeps at most {@code left} of the page. With {@code bytes} the frame's contents go along,
     * which no process can change at this moment; they stay in the frame until {@code acknowledged}.
     */
    void recalled(long page, int operation, Right left, boolean bytes, int grantNumber);

    /** Sends written pages home by our own wish; they stay in their frames until {@code acknowledged}. */
    void writeBack(long firstPage, int count, Right left, int grantNumber);

    /** Hands written pages back between the call and its acceptance. */
    void handBack(long firstPage, int count, int grantNumber);

    /** Everything that {@code flush(token)} was about is at home (cause 0), or cannot be brought there. */
    void flushed(int token, int cause);

    /** Pages that this host had written are lost: home had given this host up before they came back, or cannot store them. */
    void lost(long firstPage, int count);

    /** Answers a purge: no process of this host has access and the copies are dropped. */
    void purged(long firstPage, int count, int operation);

    /** Tells home that clean copies were dropped by our own wish. */
    void release(long firstPage, int count, int grantNumber);

    /** The circuit must be closed; every right is being taken away. */
    void hangUp(int cause);
}
