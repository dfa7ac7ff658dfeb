package io.pagewire.core.link;

/**
 * What is known of the way to another host, whatever circuit has found it out: how long a small message and its answer take when
 * nothing of ours stands in a queue on the way. It includes what the daemons of both ends need, so on busy machines it grows with
 * their load.
 *
 * <p>Found out anew all the time: every circuit of a daemon lets its queue run empty at the same moments, {@link #isDraining}, and
 * the shortest round trip of the last two periods counts. So a way that has become longer is noticed, and a queue that never
 * ends is not taken for the way.
 *
 * <p>Safe for use by any thread: circuits of several event loops share it. Of two round trips noted at one moment one may go
 * unnoticed.
 */
public final class Path {
    /** From one emptying of the queues to the next. */
    static final long PERIOD_NS = 4_000_000_000L;

    private static final long LEAST_DRAIN_NS = 20_000_000L;
    private static final long MOST_DRAIN_NS = PERIOD_NS / 8;

    /** What stands in a queue is gone after one round trip, the next two are true. */
    private static final int ROUND_TRIPS = 3;

    private volatile long period = Long.MIN_VALUE;
    private volatile long earlierNs = Long.MAX_VALUE;
    private volatile long newestNs = Long.MAX_VALUE;
    private volatile int busy;

    /** A circuit has bulk on its way from now on. */
    synchronized void enter() {
        busy++;
    }

    /** It has none any more. */
    synchronized void leave() {
        busy--;
    }

    /** Whether several circuits have bulk on their way. */
    boolean isShared() {
        return busy > 1;
    }

    static long period(long now) {
        return Math.floorDiv(now, PERIOD_NS);
    }

    /** Something came back after {@code ns}, with a queue before it or without. */
    public void roundTrip(long ns, long now) {
        long current = period(now);
        if (current != period) {
            period = current;
            earlierNs = newestNs == Long.MAX_VALUE ? earlierNs : newestNs;
            newestNs = Long.MAX_VALUE;
        }
        if (ns < newestNs) {
            newestNs = Math.max(1, ns);
        }
    }

    /** The shortest round trip, ns; 0 = not known yet. */
    public long baseNs() {
        long base = Math.min(earlierNs, newestNs);
        return base == Long.MAX_VALUE ? 0 : base;
    }

    /** Whether circuits have no more on their way at this moment than they must, so that the next round trips are true. */
    public boolean isDraining(long now) {
        long wanted = Math.max(LEAST_DRAIN_NS, ROUND_TRIPS * baseNs());
        return Math.floorMod(now, PERIOD_NS) < Math.min(MOST_DRAIN_NS, wanted);
    }
}
