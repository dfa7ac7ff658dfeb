package io.pagewire.core;

/**
 * Keeps a daemon that was itself held up (stopped, swapped out, collecting) from blaming others for it. After a gap between two
 * ticks, answers may lie unread in its sockets; so for a short grace nobody is fenced, hung up on or failed. The grace is part of
 * {@link LeaseRules#MARGIN_NS}.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class StallGuard {
    private static final long STALL_NS = 100_000_000L;
    private static final long GRACE_NS = 100_000_000L;

    private boolean started;
    private long lastTick;
    private long graceEnd;

    /** Whether deadlines may be judged at this tick. */
    boolean mayJudge(long now) {
        if (!started) {
            started = true;
            graceEnd = now;
        } else if (now - lastTick >= STALL_NS) {
            graceEnd = now + GRACE_NS;
        }
        lastTick = now;
        return now - graceEnd >= 0;
    }
}
