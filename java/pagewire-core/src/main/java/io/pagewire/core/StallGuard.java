package io.pagewire.core;

/**
 * Keeps a daemon that was itself held up (stopped, swapped out, collecting) from blaming others for it. After a gap between two
 * ticks, answers may lie unread in its sockets; so for a short grace nobody is fenced, hung up on or failed. The grace is part of
 * {@link LeaseRules#MARGIN_NS}.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class StallGuard {
    private static final long STALL_NS = 100_000_000L;
    private static final long GRACE_NS = 100_000_000L;

    private final long stallNs;
    private final long graceNs;
    private boolean started;
    private long lastTick;
    private long graceEnd;

    StallGuard() {
        this(STALL_NS, GRACE_NS);
    }

    /** @param stallNs a longer gap between two ticks means that the daemon was held up; it must tick more often than that */
    public StallGuard(long stallNs, long graceNs) {
        this.stallNs = stallNs;
        this.graceNs = graceNs;
    }

    /** Whether deadlines may be judged at this tick. */
    public boolean mayJudge(long now) {
        if (!started) {
            started = true;
            graceEnd = now;
        } else if (now - lastTick >= stallNs) {
            graceEnd = now + graceNs;
        }
        lastTick = now;
        return now - graceEnd >= 0;
    }
}
