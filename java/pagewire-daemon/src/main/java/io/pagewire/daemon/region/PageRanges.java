package io.pagewire.daemon.region;

import java.util.BitSet;

/**
 * Pages of a region as runs of neighbours.
 *
 * <p>Not thread-safe; one that nobody changes any more may be read by any thread.
 */
public final class PageRanges {
    private static final int MOST_NAMED = 8;

    private final BitSet pages = new BitSet();

    void add(long first, long count) {
        pages.set((int) first, (int) (first + count));
    }

    void add(PageRanges others) {
        pages.or(others.pages);
    }

    boolean isEmpty() {
        return pages.isEmpty();
    }

    public int count() {
        return pages.cardinality();
    }

    /** The first page of the first run at or behind this page, -1 = there is none. */
    public int first(int from) {
        return pages.nextSetBit(from);
    }

    /** The page behind the run of which this one is. */
    public int end(int page) {
        return pages.nextClearBit(page);
    }

    /** For people: {@code 3, 17-20, ... and 5 more}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        int named = 0;
        int told = 0;
        for (int first = first(0); first >= 0; first = first(end(first))) {
            int end = end(first);
            if (named++ == MOST_NAMED) {
                return text.append(", ... and ")
                        .append(count() - told)
                        .append(" more")
                        .toString();
            }
            text.append(text.length() == 0 ? "" : ", ").append(first);
            text.append(end - first > 1 ? "-" + (end - 1) : "");
            told += end - first;
        }
        return text.toString();
    }
}
