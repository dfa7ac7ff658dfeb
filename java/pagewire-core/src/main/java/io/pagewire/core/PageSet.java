package io.pagewire.core;

/**
 * A set of pages of one region, a bit each.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class PageSet {
    private final long[] bits;
    private final long pages;

    PageSet(long pages) {
        this.pages = pages;
        this.bits = new long[(int) ((pages + 63) >>> 6)];
    }

    boolean has(long page) {
        return (bits[(int) (page >>> 6)] >>> (page & 63) & 1) != 0;
    }

    void add(long page) {
        bits[(int) (page >>> 6)] |= 1L << (page & 63);
    }

    void remove(long page) {
        bits[(int) (page >>> 6)] &= ~(1L << (page & 63));
    }

    /** The first page of the set from {@code from} on, going round once; -1 when the set is empty. */
    long next(long from) {
        long found = nextBelow(from, pages);
        return found >= 0 ? found : nextBelow(0, from);
    }

    /** The first page of the set in {@code from} to {@code end - 1}, or -1. */
    long nextBelow(long from, long end) {
        if (from >= end) {
            return -1;
        }
        int word = (int) (from >>> 6);
        int last = (int) (end - 1 >>> 6);
        long left = bits[word] & -1L << (from & 63);
        while (left == 0 && word < last) {
            left = bits[++word];
        }
        long page = ((long) word << 6) + Long.numberOfTrailingZeros(left);
        return left != 0 && page < end ? page : -1;
    }
}
