package io.pagewire.core;

/**
 * When home may act as if a silent host had given everything up: D_home after it sent that host the newest echo.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class HomeLease {
    private final long deadlineNs;
    private long newestEcho;

    /** {@code acceptSentNs}: when the call setup was accepted, which echoes it. */
    public HomeLease(long deadlineNs, long acceptSentNs) {
        if (deadlineNs <= 0) {
            throw new IllegalArgumentException("the home deadline must be positive, not " + deadlineNs);
        }
        this.deadlineNs = deadlineNs;
        this.newestEcho = acceptSentNs;
    }

    /** An echo is being sent. */
    public void echoSent(long now) {
        newestEcho = now;
    }

    public long endNs() {
        return newestEcho + deadlineNs;
    }

    public boolean expired(long now) {
        return now - endNs() >= 0;
    }
}
