package io.pagewire.core;

/**
 * How long a client host may let its processes use the copies of one circuit: until D_client after it sent the newest
 * heartbeat that home has echoed. Counting from the last message received would not do: when only the way from client to home
 * is cut, home would give the client up while the client still heard from it.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class ClientLease {
    private final long intervalNs;
    private final long deadlineNs;
    private long newestSent;
    private long newestEchoed;

    /** The call setup counts as the first heartbeat: {@code setupSentNs} is when SETUP was sent, and ACCEPT echoed it. */
    public ClientLease(long intervalNs, long deadlineNs, long setupSentNs) {
        if (intervalNs <= 0 || deadlineNs <= intervalNs) {
            throw new IllegalArgumentException(
                    "a lease of " + deadlineNs + " ns cannot be kept by a heartbeat every " + intervalNs + " ns");
        }
        this.intervalNs = intervalNs;
        this.deadlineNs = deadlineNs;
        this.newestSent = setupSentNs;
        this.newestEchoed = setupSentNs;
    }

    /** Whether the next heartbeat should be sent. */
    public boolean heartbeatDue(long now) {
        return now - newestSent >= intervalNs;
    }

    /** A heartbeat that carries {@code now} is being sent. */
    public void heartbeatSent(long now) {
        newestSent = now;
    }

    /** An echo came. Null, or why it cannot be an answer to a heartbeat of ours. */
    public String echoed(long sendTime) {
        if (sendTime - newestSent > 0) {
            return "an echo of a heartbeat that was never sent";
        }
        if (sendTime - newestEchoed > 0) {
            newestEchoed = sendTime;
        }
        return null;
    }

    /** When every right that depends on this circuit ends. */
    public long endNs() {
        return newestEchoed + deadlineNs;
    }

    public boolean expired(long now) {
        return now - endNs() >= 0;
    }
}
