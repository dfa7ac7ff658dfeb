package io.pagewire.core;

/**
 * What the core asks of the applications of its own host. Calls never fail and never call back into the core.
 *
 * <p>Called on the region's thread only.
 */
public interface LocalPort {
    /** Answers the request {@code requestId} that came on {@code line} of {@code mapping} with a right on a run of pages. */
    void grant(int mapping, int line, int requestId, long firstPage, int count, Right right, long sequence);

    /** Answers a request with a failure. */
    void fail(int mapping, int line, int requestId, long page, int cause);

    /**
     * Tells the agent of a mapping to take rights away, down to {@code left}. The answer is
     * {@code revoked(mapping, sequence)}. {@code count} 0 means the whole region.
     */
    void revoke(int mapping, long firstPage, int count, Right left, long sequence);

    /**
     * The same for pages that nobody needs now: the agent may take its time, for a pin that is being made.
     */
    void revokeAtLeisure(int mapping, long firstPage, int count, Right left, long sequence);

    /**
     * The process did not answer a revoke within its deadline: it must be killed. The answer is {@code mappingGone(mapping)},
     * once its end is proven.
     */
    void fence(int mapping);
}
