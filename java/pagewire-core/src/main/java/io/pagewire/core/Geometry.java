package io.pagewire.core;

/**
 * The shape of a region: how many pages of which size.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param pages number of pages, 1 to 2^31 - 8
 * @param pageSize bytes of a page, a power of two, 4 KiB to 2 MiB
 */
public record Geometry(long pages, int pageSize) {
    /** Longest table a Java array can hold on every JVM. */
    public static final long MAX_PAGES = Integer.MAX_VALUE - 7L;

    /**
     * A message about a run of pages names no more than fit into that, and at least one: what one message has the other side do
     * must not hold up everybody else there.
     */
    public static final int WINDOW_BYTES = 1 << 20;

    private static final int MIN_PAGE_SIZE = 4 << 10;
    private static final int MAX_PAGE_SIZE = 2 << 20;

    public Geometry {
        if (pages < 1 || pages > MAX_PAGES) {
            throw new IllegalArgumentException("a region has 1 to " + MAX_PAGES + " pages, not " + pages);
        }
        if (Integer.bitCount(pageSize) != 1 || pageSize < MIN_PAGE_SIZE || pageSize > MAX_PAGE_SIZE) {
            throw new IllegalArgumentException("page size must be a power of two from 4 KiB to 2 MiB, not " + pageSize);
        }
    }

    /** How many pages fit into {@code bytes}, at least one. */
    int pagesIn(int bytes) {
        return Math.max(1, bytes / pageSize);
    }

    /** Most pages that a message of another host may name. */
    public int mostRun() {
        return pagesIn(WINDOW_BYTES);
    }

    /** Null when a message of another host may name this run, else what is wrong with it. */
    String checkNamedRun(long first, int count) {
        return count > mostRun()
                ? count + " pages, but a message names at most " + mostRun() + " of " + pageSize + " bytes"
                : checkRun(first, count);
    }

    /** Null when the run lies inside the region, else what is wrong with it. */
    String checkRun(long first, int count) {
        if (count < 1) {
            return "a run of " + count + " pages";
        }
        if (first < 0 || first > pages - count) {
            return "pages " + first + " to " + (first + count - 1) + " of a region with " + pages + " pages";
        }
        return null;
    }
}
