package io.pagewire.core;

/**
 * The frames of a client's pages when they are bounded: who has one, which sector of the local disk cache holds a copy too, and
 * the hand of the CLOCK (ARCHITECTURE.md, Memory pressure; SPEC: V7). Without a bound nothing here does anything.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class ClientFrames {
    private final long pages;
    private final FramePort port;
    private final FrameBudget budget;
    private final boolean bounded;
    /** Pages that have a frame; those used since the hand came by last. */
    private PageSet framed;

    private PageSet used;
    /** Pages whose frame is being written to, or filled from, the disk. */
    private PageSet spilling;

    private PageSet loading;
    private PageInts sectors;
    private long hand;
    private int spillingCount;
    private boolean starved;

    ClientFrames(long pages, FramePort port, FrameBudget budget) {
        this.pages = pages;
        this.port = port;
        this.budget = budget;
        this.bounded = budget.limited();
        if (bounded) {
            framed = new PageSet(pages);
            used = new PageSet(pages);
            spilling = new PageSet(pages);
            loading = new PageSet(pages);
            sectors = new PageInts(pages);
        }
    }

    boolean isBounded() {
        return bounded;
    }

    /** Takes a frame for the page unless it has one; false when none is to be had. */
    boolean take(long page) {
        if (!bounded || framed.has(page)) {
            return true;
        }
        if (!budget.take(1)) {
            return false;
        }
        framed.add(page);
        return true;
    }

    int wantedBack() {
        return bounded ? budget.wantedBack() : 0;
    }

    void touch(long first, int count) {
        for (long page = first; bounded && page < first + count; page++) {
            used.add(page);
        }
    }

    boolean isUsed(long page) {
        return used.has(page);
    }

    void cool(long page) {
        used.remove(page);
    }

    /**
     * The frame holds nothing any more; true when there is one, whose memory the caller has to give back. The budget hears of it
     * afterwards, see {@link #given}: until then the bytes are there, and somebody else's would come on top of them.
     */
    boolean free(long page) {
        boolean there = !bounded || framed.has(page);
        if (bounded && there) {
            framed.remove(page);
        }
        return there;
    }

    /** The memory of so many frames has been given back. */
    void given(int count) {
        if (bounded) {
            budget.give(count);
        }
    }

    /** What the disk cache holds of the page is not needed, or out of date. */
    void forgetSector(long page) {
        if (bounded && sectors.get(page) != 0 && !isUnderWay(page)) {
            port.forget(sectors.get(page));
            sectors.set(page, 0);
        }
    }

    int sector(long page) {
        return sectors.get(page);
    }

    /** Whether the disk works on the page's frame: it must not be filled by anything else meanwhile. */
    boolean isUnderWay(long page) {
        return bounded && (spilling.has(page) || loading.has(page));
    }

    boolean isSpilling(long page) {
        return bounded && spilling.has(page);
    }

    /** Begins to write the page to the disk cache; false when that takes no copies, or has no room. */
    boolean spill(long page) {
        int sector = port.spill(page);
        if (sector != 0) {
            sectors.set(page, sector);
            spilling.add(page);
            spillingCount++;
        }
        return sector != 0;
    }

    boolean spilled(long page) {
        boolean was = spilling.has(page);
        spilling.remove(page);
        spillingCount -= was ? 1 : 0;
        return was;
    }

    int spilling() {
        return spillingCount;
    }

    /** Begins to read the page from the disk cache: 0, {@link FramePort#LOADING} or a cause. */
    int load(long page) {
        int result = port.load(page, sectors.get(page));
        if (result == FramePort.LOADING) {
            loading.add(page);
        }
        return result;
    }

    boolean loaded(long page) {
        boolean was = loading.has(page);
        loading.remove(page);
        return was;
    }

    /** The next page with a frame under the hand, which goes on; -1 = none has one. */
    long advance() {
        long page = framed.next(hand);
        if (page >= 0) {
            hand = page + 1 == pages ? 0 : page + 1;
        }
        return page;
    }

    void skipTo(long page) {
        hand = page >= pages ? 0 : page;
    }

    boolean has(long page) {
        return bounded && framed.has(page);
    }

    void starve() {
        starved = true;
    }

    boolean isStarved() {
        return starved;
    }

    /** Whoever waits for a frame tries again. */
    void fed() {
        starved = false;
    }
}
