package io.pagewire.core;

/**
 * Keeps a daemon that was itself held up (stopped, swapped out, collecting) from blaming others for it. After a gap between two
 * ticks, answers may lie unread in its sockets; so for a short grace nobody is fenced, hung up on or failed. The grace is part of
 * {@link LeaseRules#MARGIN_NS}.
 *
 * <p>A daemon that is held up again and again would never judge anybody. So what graces in a row take away is bounded: then one
 * tick judges, whatever the gap before it.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class StallGuard {
    private static final long STALL_NS = 100_000_000L;
    private static final long GRACE_NS = 100_000_000L;

    /** A single stall has its grace however short the deadlines are. */
    private static final long LEAST_POSTPONED_NS = 5 * GRACE_NS;

    private final long stallNs;
    private final long graceNs;
    private final long mostNs;
    private boolean started;
    private long lastTick;
    private long graceEnd;
    private long postponedNs;

    /** For a region: a deadline may be postponed by one revoke deadline more. */
    StallGuard(long revokeDeadlineNs) {
        this(STALL_NS, GRACE_NS, Math.max(revokeDeadlineNs, LEAST_POSTPONED_NS));
    }

    /**
     * @param stallNs a longer gap between two ticks means that the daemon was held up; it must tick more often than that
     * @param graceNs nobody is judged for that long after such a gap
     * @param mostNs no longer than that between two judgements. Of each gap {@code stallNs + graceNs} count at most: while it is
     *     stopped, a daemon reads nothing, and postpones nothing either
     */
    public StallGuard(long stallNs, long graceNs, long mostNs) {
        this.stallNs = stallNs;
        this.graceNs = graceNs;
        this.mostNs = mostNs;
    }

    /** Whether deadlines may be judged at this tick. */
    public boolean mayJudge(long now) {
        long gap = started ? now - lastTick : 0;
        if (!started) {
            started = true;
            graceEnd = now;
        } else if (gap >= stallNs) {
            graceEnd = now + graceNs;
        }
        lastTick = now;
        if (now - graceEnd < 0) {
            postponedNs += Math.min(gap, stallNs + graceNs);
            if (postponedNs < mostNs) {
                return false;
            }
            graceEnd = now;
        }
        postponedNs = 0;
        return true;
    }
}
