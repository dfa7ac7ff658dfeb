package io.pagewire.core;

/**
 * Whether work of any amount still gets on: how many pages are left, and how long ago one less was left than ever before. Time
 * in which nobody looked (the daemon was stopped, or the machine asleep) counts for nothing.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Headway {
    private static final long MOST_BETWEEN_LOOKS_NS = 1_000_000_000L;

    private final long stallNs;
    private long total;
    private long least;
    private long movedNs;
    private long lookedNs;

    /** @param stallNs work that does not get on for so long stalls */
    Headway(long stallNs) {
        this.stallNs = stallNs;
    }

    void begin(long left, long now) {
        total = left;
        least = left;
        movedNs = now;
        lookedNs = now;
    }

    /** Whether nothing has got on for too long. */
    boolean stalls(long left, long now) {
        movedNs += Math.max(0, now - lookedNs - MOST_BETWEEN_LOOKS_NS);
        lookedNs = now;
        total = Math.max(total, left);
        if (left < least) {
            least = left;
            movedNs = now;
        }
        return now - movedNs >= stallNs;
    }

    /** A part of what is left, less than a page, got on. */
    void moved(long now) {
        movedNs = now;
    }

    /** The most that was ever left. */
    long total() {
        return total;
    }
}
