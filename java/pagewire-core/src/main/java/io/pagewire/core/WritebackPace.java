package io.pagewire.core;

/**
 * How much of the background write-back may be under way, and when it keeps still. It yields to everything else on the link: when
 * acknowledgements take longer than they did at best, bytes of ours stand in a queue somewhere, and the window shrinks. And it
 * keeps still for a while when a writer had to ask home for a page that went home too soon, so that such waits stay a small
 * part of that writer's time.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class WritebackPace {
    private static final long MS = 1_000_000L;
    private static final long SHORT_QUEUE_NS = 5 * MS;
    private static final long LONG_QUEUE_NS = 25 * MS;

    private static final int STILL_FOR_EACH = 20;
    private static final long STILL_AT_MOST_NS = 2_000 * MS;

    private static final int LEAST_BYTES = 32 << 10;
    private static final int MOST_BYTES = 16 << 20;
    private static final long NOBODY = -1;

    private final int least;
    private final int most;
    private int window;
    private long probe = NOBODY;
    private long probeSince;
    private long shortestNs;
    private boolean still;
    private long stillUntil;

    WritebackPace(Geometry geometry) {
        this.least = geometry.pagesIn(LEAST_BYTES);
        this.most = geometry.pagesIn(MOST_BYTES);
        newCircuit();
    }

    /** A new circuit is another way to home: nothing is known of it. */
    void newCircuit() {
        window = least;
        probe = NOBODY;
        shortestNs = Long.MAX_VALUE;
    }

    /** Pages that may be on their way home at a time. */
    int window() {
        return window;
    }

    /** The page leaves now. */
    void sent(long page, long now) {
        if (probe == NOBODY) {
            probe = page;
            probeSince = now;
        }
    }

    /** Home has said what became of the page. */
    void settled(long page, long now) {
        if (page != probe) {
            return;
        }
        probe = NOBODY;
        long took = now - probeSince;
        shortestNs = Math.min(shortestNs, took);
        long queue = took - shortestNs;
        if (queue < SHORT_QUEUE_NS) {
            window = Math.min(most, window * 2);
        } else if (queue > LONG_QUEUE_NS) {
            window = Math.max(least, window / 2);
        }
    }

    /** A writer had to wait that long for a page that had gone home too soon. */
    void regret(long waitedNs, long now) {
        window = Math.max(least, window / 2);
        long from = isStill(now) ? stillUntil : now;
        long until = from + Math.min(STILL_AT_MOST_NS, STILL_FOR_EACH * waitedNs);
        stillUntil = until - (now + STILL_AT_MOST_NS) > 0 ? now + STILL_AT_MOST_NS : until;
        still = true;
    }

    /** Whether nothing should go home now that need not. */
    boolean isStill(long now) {
        still &= now - stillUntil < 0;
        return still;
    }
}
