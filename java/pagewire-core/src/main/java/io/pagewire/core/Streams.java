package io.pagewire.core;

import java.util.Arrays;

/**
 * Notices mappings that go through a region in order. A mapping has a few streams, so that several threads may scan at once;
 * a stream knows the page it expects next and how many pages are worth taking at a time. The window doubles with each access
 * that was expected, from one page to the largest.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Streams {
    private static final int PER_SLOT = 4;
    private static final long NOWHERE = -1;

    private final int largest;
    private long[] start = new long[0];
    private long[] next = new long[0];
    private int[] window = new int[0];
    private long[] used = new long[0];
    private long clock;

    Streams(int largest) {
        this.largest = largest;
    }

    /** Forgets what the slot's earlier owner did. */
    void reset(int slot) {
        int end = (slot + 1) * PER_SLOT;
        if (end > next.length) {
            int size = Math.max(end, next.length * 2);
            start = Arrays.copyOf(start, size);
            next = Arrays.copyOf(next, size);
            window = Arrays.copyOf(window, size);
            used = Arrays.copyOf(used, size);
        }
        Arrays.fill(next, slot * PER_SLOT, end, NOWHERE);
        Arrays.fill(start, slot * PER_SLOT, end, NOWHERE);
        Arrays.fill(window, slot * PER_SLOT, end, 0);
        Arrays.fill(used, slot * PER_SLOT, end, 0);
    }

    /** An access to the page; the answer is how many pages from there on are worth having, 1 for a random access. */
    int access(int slot, long page) {
        int oldest = slot * PER_SLOT;
        for (int s = slot * PER_SLOT; s < (slot + 1) * PER_SLOT; s++) {
            if (next[s] != NOWHERE && page >= start[s] && page <= next[s]) {
                used[s] = ++clock;
                if (page == next[s] && start[s] != page) {
                    window[s] = Math.min(largest, window[s] * 2);
                    // Until something is granted, other threads that want the same page do not count as progress.
                    start[s] = page;
                }
                return window[s];
            }
            if (used[s] < used[oldest]) {
                oldest = s;
            }
        }
        start[oldest] = page;
        next[oldest] = page;
        window[oldest] = 1;
        used[oldest] = ++clock;
        return 1;
    }

    /** A run was granted in answer to an access to its first page. */
    void granted(int slot, long first, int count) {
        for (int s = slot * PER_SLOT; s < (slot + 1) * PER_SLOT; s++) {
            if (next[s] != NOWHERE && first >= start[s] && first <= next[s] && first + count > next[s]) {
                start[s] = first;
                next[s] = first + count;
                return;
            }
        }
    }

    /** The window of the stream that expects this page or had it last, 1 when there is none. */
    int window(int slot, long page) {
        for (int s = slot * PER_SLOT; s < (slot + 1) * PER_SLOT; s++) {
            if (next[s] != NOWHERE && page >= start[s] && page <= next[s]) {
                return window[s];
            }
        }
        return 1;
    }
}
