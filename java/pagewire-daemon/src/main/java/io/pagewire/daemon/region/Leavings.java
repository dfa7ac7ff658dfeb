package io.pagewire.daemon.region;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What programs can ask about regions that they have let go of, by the token of the mapping that is gone.
 *
 * <p>Safe for use by any thread.
 */
public final class Leavings {
    private static final int MANY = 64;
    private static final long KEPT_NS = TimeUnit.MINUTES.toNanos(10);

    private static final class Entry {
        private final Leaving leaving;
        private volatile long askedNs = System.nanoTime();

        Entry(Leaving leaving) {
            this.leaving = leaving;
        }
    }

    private final ConcurrentHashMap<Long, Entry> entries = new ConcurrentHashMap<>();

    /** The mapping with this token is gone. */
    public void add(long token, Leaving leaving) {
        if (entries.size() >= MANY) {
            long now = System.nanoTime();
            entries.values().removeIf(entry -> now - entry.askedNs >= KEPT_NS);
        }
        entries.put(token, new Entry(leaving));
    }

    /** Null when there is none of this process, or it has heard the end. */
    public Leaving get(long token, int pid) {
        Entry entry = entries.get(token);
        if (entry == null || entry.leaving.pid() != pid) {
            return null;
        }
        entry.askedNs = System.nanoTime();
        return entry.leaving;
    }

    /** Its process has heard all of it. */
    public void remove(long token) {
        entries.remove(token);
    }

    /** Waits until every process that asks has heard how its region ended, at most for that long. */
    public void awaitHeard(long ms) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        while (entries.values().stream().anyMatch(Leavings::isAskedFor) && System.nanoTime() - end < 0) {
            Thread.sleep(5);
        }
    }

    private static boolean isAskedFor(Entry entry) {
        return System.nanoTime() - entry.askedNs < TimeUnit.SECONDS.toNanos(1);
    }
}
