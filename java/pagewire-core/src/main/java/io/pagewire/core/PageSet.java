package io.pagewire.core;

/**
 * A set of pages of one region, a bit each. Memory is taken by need, 512 bytes for each run of 4,096 pages that has one in the
 * set.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class PageSet {
    private static final int SHIFT = 12;
    private static final int WORDS = 1 << SHIFT - 6;
    private static final int WORD_MASK = WORDS - 1;

    private final long[][] runs;
    private final long pages;

    PageSet(long pages) {
        this.pages = pages;
        this.runs = new long[(int) (pages + (1 << SHIFT) - 1 >>> SHIFT)][];
    }

    boolean has(long page) {
        long[] run = runs[(int) (page >>> SHIFT)];
        return run != null && (run[word(page)] >>> (page & 63) & 1) != 0;
    }

    void add(long page) {
        int index = (int) (page >>> SHIFT);
        if (runs[index] == null) {
            runs[index] = new long[WORDS];
        }
        runs[index][word(page)] |= 1L << (page & 63);
    }

    void remove(long page) {
        long[] run = runs[(int) (page >>> SHIFT)];
        if (run != null) {
            run[word(page)] &= ~(1L << (page & 63));
        }
    }

    /** The first page of the set from {@code from} on, going round once; -1 when the set is empty. */
    long next(long from) {
        long found = nextBelow(from, pages);
        return found >= 0 ? found : nextBelow(0, from);
    }

    /** The first page of the set in {@code from} to {@code end - 1}, or -1. */
    long nextBelow(long from, long end) {
        long page = from;
        while (page < end) {
            long[] run = runs[(int) (page >>> SHIFT)];
            if (run == null) {
                page = ((page >>> SHIFT) + 1) << SHIFT;
                continue;
            }
            long left = run[word(page)] & -1L << (page & 63);
            if (left != 0) {
                long found = (page & ~63L) + Long.numberOfTrailingZeros(left);
                return found < end ? found : -1;
            }
            page = (page & ~63L) + 64;
        }
        return -1;
    }

    private static int word(long page) {
        return (int) (page >>> 6) & WORD_MASK;
    }
}
