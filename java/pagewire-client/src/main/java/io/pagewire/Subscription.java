package io.pagewire;

/**
 * A listener's place at a region.
 *
 * <p>Safe for use by any thread.
 */
public interface Subscription extends AutoCloseable {
    /** Ends the subscription: no call starts after this has returned, except one that is running now. Idempotent. */
    @Override
    void close();
}
