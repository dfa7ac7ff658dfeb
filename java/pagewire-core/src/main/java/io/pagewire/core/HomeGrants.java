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
    private final HomeFrames frames;
    private final HomeChanges changes;
    private final HomePort port;
    private final HomeCounters counters;
    private final long pages;

    HomeGrants(
            Geometry geometry,
            HomePort port,
            LocalRights rights,
            PageTable table,
            Copies copies,
            HomeFrames frames,
            HomeChanges changes,
            HomeCounters counters) {
        this.port = port;
        this.frames = frames;
        this.changes = changes;
        this.rights = rights;
        this.table = table;
        this.copies = copies;
        this.counters = counters;
        this.pages = geometry.pages();
    }

    void read(int slot, int line, int request, long first) {
        int most = rights.streams().access(slot, first);
        int bit = PageTable.maskBit(slot);
        int count = 1;
        while (count < most && first + count < pages && isHereAndIdle(first + count)) {
            count++;
        }
        for (long page = first; page < first + count; page++) {
            if (PageTable.right(table.entry(page)) == Right.NONE) {
                table.grant(page, Right.READ, bit);
            }
        }
        frames.touch(first, count);
        grant(slot, line, request, first, count, Right.READ);
    }

    /** Returns 0, or the cause why the page cannot be written, and then nothing is granted. */
    int write(int slot, int line, int request, long first) {
        int most = rights.streams().access(slot, first);
        int bit = PageTable.maskBit(slot);
        int count = 1;
        while (count < most && first + count < pages && mayWriteAhead(first + count)) {
            count++;
        }
        int cause = port.reserveForWrite(first, count);
        if (cause != 0 && count > 1) {
            count = 1;
            cause = port.reserveForWrite(first, 1);
        }
        if (cause != 0) {
            return cause;
        }
        for (long page = first; page < first + count; page++) {
            if (PageTable.right(table.entry(page)) == Right.NONE) {
                table.grant(page, Right.READ, bit); // a publish took every right
            }
            table.grant(page, Right.WRITE, bit);
            frames.soil(page);
        }
        changes.mark(first, count);
        grant(slot, line, request, first, count, Right.WRITE);
        return 0;
    }

    private boolean mayWriteAhead(long page) {
        return copies.set(page) == 0 && isHereAndIdle(page);
    }

    private boolean isHereAndIdle(long page) {
        long entry = table.entry(page);
        return !PageTable.isBusy(entry) && (PageTable.isReady(entry) || frames.bringNow(page));
    }

    private void grant(int slot, int line, int request, long first, int count, Right right) {
        counters.grants++;
        counters.grantedPages += count;
        rights.grant(slot, line, request, first, count, right);
    }
}
