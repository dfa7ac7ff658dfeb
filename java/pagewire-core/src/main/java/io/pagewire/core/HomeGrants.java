package io.pagewire.core;

/**
 * Gives rights to processes of the home: the page that was asked for and, to whoever goes through the region in order, the run
 * after it as far as nothing stands against it.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomeGrants {
    private final LocalRights rights;
    private final PageTable table;
    private final Copies copies;
    private final HomeCounters counters;
    private final long pages;

    HomeGrants(Geometry geometry, LocalRights rights, PageTable table, Copies copies, HomeCounters counters) {
        this.rights = rights;
        this.table = table;
        this.copies = copies;
        this.counters = counters;
        this.pages = geometry.pages();
    }

    void read(int slot, int line, int request, long first) {
        int most = rights.streams().access(slot, first);
        int count = 1;
        while (count < most && first + count < pages && !PageTable.isBusy(table.entry(first + count))) {
            count++;
        }
        grant(slot, line, request, first, count, Right.READ);
    }

    void write(int slot, int line, int request, long first) {
        int most = rights.streams().access(slot, first);
        int bit = PageTable.maskBit(slot);
        table.grant(first, Right.WRITE, bit);
        int count = 1;
        while (count < most && first + count < pages && mayWriteAhead(first + count)) {
            table.grant(first + count, Right.WRITE, bit);
            count++;
        }
        grant(slot, line, request, first, count, Right.WRITE);
    }

    private boolean mayWriteAhead(long page) {
        return !PageTable.isBusy(table.entry(page)) && copies.set(page) == 0;
    }

    private void grant(int slot, int line, int request, long first, int count, Right right) {
        counters.grants++;
        counters.grantedPages += count;
        rights.grant(slot, line, request, first, count, right);
    }
}
