package io.pagewire.core;

/**
 * A number for each page of one region, 0 until it is set. Memory is taken by need, 4 KiB for each run of 1,024 pages that has
 * a number: a region may be far larger than what is used of it.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class PageInts {
    static final int SHIFT = 10;
    static final int RUN = 1 << SHIFT;
    private static final int MASK = RUN - 1;

    private final int[][] runs;

    PageInts(long pages) {
        this.runs = new int[runs(pages)][];
    }

    /** How many runs so many pages are. */
    static int runs(long pages) {
        return (int) (pages + MASK >>> SHIFT);
    }

    int get(long page) {
        int[] run = runs[(int) (page >>> SHIFT)];
        return run == null ? 0 : run[(int) page & MASK];
    }

    void set(long page, int value) {
        int[] run = runs[(int) (page >>> SHIFT)];
        if (run == null) {
            if (value == 0) {
                return;
            }
            run = runs[(int) (page >>> SHIFT)] = new int[RUN];
        }
        run[(int) page & MASK] = value;
    }

    /** Adds these bits to the number of the page. */
    void or(long page, int bits) {
        set(page, get(page) | bits);
    }

    /** Leaves these bits only in the number of the page. */
    void and(long page, int bits) {
        set(page, get(page) & bits);
    }

    /** Leaves these bits only in the numbers of all pages. */
    void andAll(int bits) {
        for (int[] run : runs) {
            for (int i = 0; run != null && i < RUN; i++) {
                run[i] &= bits;
            }
        }
    }
}
