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
        private final int pid;
        private final boolean unasked;
        private volatile long askedNs = System.nanoTime();

        Entry(Leaving leaving, int pid, boolean unasked) {
            this.leaving = leaving;
            this.pid = pid;
            this.unasked = unasked;
        }
    }

    private final ConcurrentHashMap<Long, Entry> entries = new ConcurrentHashMap<>();

    /** The mapping with this token, of that process, is gone; the process asks soon. */
    public void add(long token, int pid, Leaving leaving) {
        add(token, new Entry(leaving, pid, false));
    }

    /** The mapping with this token was taken from its process, which may ask later. */
    void taken(long token, int pid, Leaving leaving) {
        add(token, new Entry(leaving, pid, true));
    }

    private void add(long token, Entry entry) {
        if (entries.size() >= MANY) {
            long now = System.nanoTime();
            entries.values().removeIf(old -> now - old.askedNs >= KEPT_NS);
        }
        entries.put(token, entry);
    }

    /** Null when there is none of this process, or it has heard the end. */
    public Leaving get(long token, int pid) {
        Entry entry = entries.get(token);
        if (entry == null || entry.pid != pid) {
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

    /** Whether a process has still to hear that pages of it are lost. */
    public boolean anyLost() {
        return entries.values().stream().anyMatch(entry -> entry.leaving.hasLost());
    }

    private static boolean isAskedFor(Entry entry) {
        return !entry.unasked && System.nanoTime() - entry.askedNs < TimeUnit.SECONDS.toNanos(1);
    }
}
