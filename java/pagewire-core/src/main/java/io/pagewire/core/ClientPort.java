package io.pagewire.core;

/**
 * What the core of a region at a client host asks of its circuit and of its frames. Calls never call back into the core.
 *
 * <p>Called on the region's thread only.
 */
public interface ClientPort {
    /**
     * The entries hold circuit 0, the name server: find the owner and set a circuit up. The answer is {@code circuitUp} or
     * {@code circuitFailed}. Called only when no right is left with any process and no copy is held. SPEC: V13.
     */
    void resolve();

    /** Asks home for a run of pages; the first is wanted, the others are read-ahead. SPEC: V5. */
    void fetch(int request, long firstPage, int count);

    /** Asks for a run of pages that nobody waits for; home gives what it can do without taking anything from anybody. */
    void fetchAhead(int request, long firstPage, int count);

    /** Answers a purge: no process of this host has access and the copies are dropped. */
    void purged(long firstPage, int count, int operation);

    /** Tells home that clean copies were dropped by our own wish. */
    void release(long firstPage, int count, int grantNumber);

    /** The frames of these pages hold nothing any more and no process may touch them: their memory may be given back. */
    void discard(long firstPage, int count);

    /** The circuit must be closed; every right is being taken away. */
    void hangUp(int cause);
}
