package io.pagewire.core;

/**
 * When each page was last given to somebody who may change it, for hosts that keep contents without being told of every change
 * (preloaded regions). The books begin with the first such host; SPEC: V10.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomeChanges {
    private final Geometry geometry;
    private final PageTable table;
    /** By need, as page-table entries are; null: none of these pages has changed since the books begin. */
    private long[][] changed;

    private long newest;

    HomeChanges(Geometry geometry, PageTable table) {
        this.geometry = geometry;
        this.table = table;
    }

    /** What was changed before nobody can ask for: whoever begins has nothing, and is sent everything. */
    void begin() {
        if (changed == null) {
            changed = new long[PageInts.runs(geometry.pages())][];
            newest = 1;
        }
    }

    boolean haveBegun() {
        return changed != null;
    }

    void mark(long first, int count) {
        if (changed != null) {
            newest++;
            for (long page = first; page < first + count; page++) {
                int run = (int) (page >>> PageInts.SHIFT);
                if (changed[run] == null) {
                    changed[run] = new long[PageInts.RUN];
                }
                changed[run][(int) page & PageInts.RUN - 1] = newest;
            }
        }
    }

    private long changedAt(long page) {
        long[] run = changed[(int) (page >>> PageInts.SHIFT)];
        return run == null ? 0 : run[(int) page & PageInts.RUN - 1];
    }

    long version() {
        return newest;
    }

    /** The first page from {@code from} on that was given to a writer after that version, or is with one now; -1 = none. */
    long since(long version, long from) {
        for (long page = from; page < geometry.pages(); page++) {
            long entry = table.entry(page);
            boolean beingWritten = PageTable.right(entry) == Right.WRITE || PageTable.isRemote(entry);
            if (version == 0 || beingWritten || changedAt(page) > version) {
                return page;
            }
        }
        return -1;
    }
}
