package io.pagewire.core;

import java.util.Arrays;

/**
 * Takes rights away from the processes of home: from one page for the sake of a waiter, or from a run of pages because nobody has
 * used them lately. The pages are busy until every process has answered (ARCHITECTURE.md, rule 8).
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomeRevokes {
    private static final int NONE = -1;
    private static final int EVERYBODY = 0xFFFF;

    private final LocalRights rights;
    private final PageTable table;
    private final HomeOperations operations;
    private final HomeCounters counters;
    private long[] first = new long[8];
    private int[] count = new int[8];
    private Right[] left = new Right[8];
    private boolean[] cooling = new boolean[8];

    HomeRevokes(LocalRights rights, PageTable table, HomeOperations operations, HomeCounters counters) {
        this.rights = rights;
        this.table = table;
        this.operations = operations;
        this.counters = counters;
    }

    /** True when processes were asked; false when none has more than {@code most}, and the entry says so now. */
    boolean start(int rec, int waiter, long page, Right most, long now) {
        long entry = table.entry(page);
        if (PageTable.right(entry).compareTo(most) <= 0) {
            return false;
        }
        // Who may write is named in the entry. Who may read is not, because reading needs no leave of the others.
        int mask = most == Right.READ ? PageTable.mappings(entry) : EVERYBODY;
        int asked = rights.revoke(mask, page, 1, most, now);
        if (asked == NONE) {
            table.reduce(page, most);
            return false;
        }
        remember(asked, page, 1, most, false);
        operations.begin(rec, HomeOperations.REVOKING, waiter);
        return true;
    }

    /** Takes every right to pages that nobody waits for; true when processes were asked. */
    boolean cool(long firstPage, int pages, long now) {
        int asked = rights.revoke(EVERYBODY, firstPage, pages, Right.NONE, now);
        for (long page = firstPage; page < firstPage + pages; page++) {
            if (asked == NONE) {
                table.reduce(page, Right.NONE);
            } else {
                operations.begin(operations.open(page), HomeOperations.REVOKING, NONE);
            }
        }
        if (asked != NONE) {
            remember(asked, firstPage, pages, Right.NONE, true);
        }
        return asked != NONE;
    }

    private void remember(int asked, long firstPage, int pages, Right most, boolean cools) {
        counters.revokes++;
        if (asked >= first.length) {
            int size = Math.max(asked + 1, first.length * 2);
            first = Arrays.copyOf(first, size);
            count = Arrays.copyOf(count, size);
            left = Arrays.copyOf(left, size);
            cooling = Arrays.copyOf(cooling, size);
        }
        first[asked] = firstPage;
        count[asked] = pages;
        left[asked] = most;
        cooling[asked] = cools;
    }

    /** Whether the rights were taken because nobody had used the pages lately. */
    boolean isCooling(int answered) {
        return cooling[answered];
    }

    long first(int answered) {
        return first[answered];
    }

    int count(int answered) {
        return count[answered];
    }

    /** Every process has answered: the page is idle again. */
    void ended(int rec, long page, int answered) {
        operations.end(rec);
        if (PageTable.right(table.entry(page)).compareTo(left[answered]) > 0) {
            table.reduce(page, left[answered]);
        }
    }
}
