package io.pagewire.core;

/**
 * The orderly end of a region at its owner: what other hosts have written is called back first, as a reader of this host would
 * do it, a few pages at a time so that a slow circuit can answer each within its deadline. It takes as long as it gets on. What an
 * absent host holds is not taken from it: it may bring that while the end is under way, or to the owner's next run.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class HomeDeparture {
    /** Number of the mapping that reads; those of programs count up from 0. Its answers come in through this class. */
    public static final int READER = Integer.MAX_VALUE;

    private static final int WINDOW_BYTES = 1 << 20;

    private final HomeRegion region;
    private final Headway headway;
    private final int window;
    private Ending state = Ending.NONE;
    private long next;
    private int open;

    /** @param stallNs the end stalls when nothing has come home for so long */
    public HomeDeparture(HomeRegion region, long stallNs) {
        this.region = region;
        this.headway = new Headway(stallNs);
        this.window = Math.max(1, WINDOW_BYTES / region.geometry().pageSize());
    }

    public Ending state() {
        return state;
    }

    /** The most pages that were to come home since it began. */
    public long total() {
        return headway.total();
    }

    /** A part of a page got on. */
    public void moved(long now) {
        headway.moved(now);
    }

    /** Begins; from now on nothing may be given to other hosts to write. */
    public void begin(long now) {
        if (state == Ending.NONE) {
            state = Ending.UNDER_WAY;
            headway.begin(region.pagesNotHome(), now);
            region.mappingOpened(READER, Right.READ);
        }
    }

    /** One of the reader's requests was granted, or has failed; a page that failed is asked for again. */
    public void answered() {
        open--;
    }

    /** Goes on with it; called with the region's other deadlines, and after answers. */
    public Ending tick(long now) {
        if (state == Ending.NONE || state == Ending.DONE) {
            return state;
        }
        long left = region.pagesNotHome();
        if (left == 0) {
            state = Ending.DONE;
            return state;
        }
        state = headway.stalls(left, now) ? Ending.STALLED : Ending.UNDER_WAY;
        ask(now);
        return state;
    }

    private void ask(long now) {
        long pages = region.geometry().pages();
        if (next == pages && open == 0) {
            next = 0; // some could not be had in the first round
        }
        while (open < window && next < pages) {
            long page = next++;
            int holder = region.holder(page);
            if (holder >= 0 && !region.isAbsent(holder)) {
                open++;
                region.localFault(READER, 0, (int) page, page, Right.READ, now);
            }
        }
    }
}
