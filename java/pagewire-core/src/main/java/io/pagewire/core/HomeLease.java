package io.pagewire.core;

/**
 * When home may act as if a silent host had given everything up: D_home after it sent that host the newest echo, and D_home after
 * anything came from it. The former is what the client's own lease needs; the latter only postpones the end, because heartbeats
 * may stand behind megabytes that the host is sending.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class HomeLease {
    private final long deadlineNs;
    private long newestEcho;
    private long newestHeard;

    /** {@code acceptSentNs}: when the call setup was accepted, which echoes it. */
    public HomeLease(long deadlineNs, long acceptSentNs) {
        if (deadlineNs <= 0) {
            throw new IllegalArgumentException("the home deadline must be positive, not " + deadlineNs);
        }
        this.deadlineNs = deadlineNs;
        this.newestEcho = acceptSentNs;
        this.newestHeard = acceptSentNs;
    }

    /** An echo is being sent. */
    public void echoSent(long now) {
        newestEcho = now;
        newestHeard = now;
    }

    /** Something came from the host, be it a part of a message. */
    public void heard(long now) {
        newestHeard = now;
    }

    /** When the newest echo was sent. */
    public long echoNs() {
        return newestEcho;
    }

    public long endNs() {
        return newestHeard + deadlineNs;
    }

    public boolean expired(long now) {
        return now - endNs() >= 0;
    }
}
