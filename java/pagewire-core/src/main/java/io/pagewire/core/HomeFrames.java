package io.pagewire.core;

/**
 * Where the bytes of a home's pages are when frames are bounded: in a frame, in a sector of the spill file, in both, or nowhere,
 * because they are zeros still. Pages leave by CLOCK (ARCHITECTURE.md, Memory pressure; SPEC: V7). Without a bound every page
 * has its frame for good, and nothing here does anything.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomeFrames {
    /** Results of {@link #bring}: the page is here; an operation was begun; there is no frame at present. Else a cause. */
    static final int HERE = 0;

    static final int STARTED = -1;
    static final int NO_FRAME = -2;

    private static final int NONE = -1;
    private static final int COOL_RUN = 64;
    private static final int AHEAD = 16;

    private final long pages;
    private final HomePort port;
    private final FrameBudget budget;
    private final PageTable table;
    private final PageQueues queues;
    private final HomeOperations operations;
    private final HomeRevokes revokes;
    private final HomeGate gate;
    private final HomeCounters counters;
    private final boolean bounded;
    /** Pages whose frames hold bytes; those that are zeros still; those used since the hand came by last. */
    private PageSet framed;

    private PageSet blank;
    private PageSet used;
    /** Pages whose frame was written while it was being spilled: the sector is worth nothing. */
    private PageSet stale;
    /** Pages that were given a frame only for bytes which are about to be stored. */
    private PageSet fresh;

    private PageInts sectors;
    private long hand;
    private int cooling;
    private int spilling;
    private boolean starved;
    private boolean giveUp;

    HomeFrames(
            Geometry geometry,
            HomePort port,
            FrameBudget budget,
            PageTable table,
            PageQueues queues,
            HomeOperations operations,
            HomeRevokes revokes,
            HomeGate gate,
            HomeCounters counters) {
        this.pages = geometry.pages();
        this.port = port;
        this.budget = budget;
        this.table = table;
        this.queues = queues;
        this.operations = operations;
        this.revokes = revokes;
        this.gate = gate;
        this.counters = counters;
        this.bounded = budget.limited();
        if (bounded) {
            framed = new PageSet(pages);
            blank = new PageSet(pages);
            used = new PageSet(pages);
            stale = new PageSet(pages);
            fresh = new PageSet(pages);
            sectors = new PageInts(pages);
        }
    }

    /** Somebody was given the pages to read. */
    void touch(long first, int count) {
        for (long page = first; bounded && page < first + count; page++) {
            used.add(page);
        }
    }

    /** Somebody may change the page's frame from now on: what the sector holds is out of date. */
    void soil(long page) {
        if (!bounded) {
            return;
        }
        used.add(page);
        blank.remove(page);
        if (isSpilling(page)) {
            stale.add(page);
        } else {
            forgetSector(page);
        }
    }

    private boolean isSpilling(long page) {
        int rec = queues.find(page);
        return rec != NONE && operations.kind(rec) == HomeOperations.SPILLING;
    }

    private void forgetSector(long page) {
        if (sectors.get(page) != 0) {
            port.forget(sectors.get(page));
            sectors.set(page, 0);
        }
    }

    /** Bytes that come home are about to be stored: that never waits for a frame. */
    void storing(long page) {
        if (bounded && !framed.has(page)) {
            budget.takeReserve(1);
            framed.add(page);
            fresh.add(page);
        } else if (bounded && isSpilling(page)) {
            stale.add(page);
        }
    }

    /** The bytes stand in the frame, or could not be stored: then the page is what it was, where that is known. */
    void stored(long page, boolean well) {
        if (!bounded) {
            return;
        }
        boolean wasElsewhere = fresh.has(page);
        fresh.remove(page);
        if (well) {
            soil(page);
        } else if (wasElsewhere) {
            free(page);
        }
    }

    /** Home holds the page again, as it is here. */
    void cameHome(long page) {
        if (!bounded || framed.has(page)) {
            table.present(page);
        } else {
            table.onDisk(page, sectors.get(page));
        }
    }

    /** Brings a page that is on disk into a frame, for the sake of a waiter. */
    int bring(int rec, int waiter, long now) {
        long page = queues.page(rec);
        if (!budget.take(1)) {
            if (giveUp) {
                return Cause.NO_MEMORY;
            }
            boolean full = !makeRoom(AHEAD, now);
            if (!budget.take(1)) {
                starved = true;
                return full && cooling + spilling == 0 ? Cause.NO_MEMORY : NO_FRAME;
            }
        }
        int result = fill(page);
        if (result == FramePort.LOADING) {
            table.inProgress(page);
            operations.begin(rec, HomeOperations.LOADING, waiter);
            result = STARTED;
        }
        makeRoom(budget.wantedBack(), now);
        return result;
    }

    /** Brings a page that is on disk when that costs nothing: a frame is free and the bytes need not be waited for. */
    boolean bringNow(long page) {
        long entry = table.entry(page);
        return PageTable.isOnDisk(entry)
                && !PageTable.isBusy(entry)
                && sectors.get(page) == 0
                && budget.take(1)
                && fill(page) == HERE;
    }

    private int fill(long page) {
        int sector = sectors.get(page);
        int result = sector == 0 ? HERE : port.load(page, sector);
        if (result == HERE) {
            table.present(page);
            counters.pagesLoaded += sector == 0 ? 0 : 1;
        }
        if (result == HERE || result == FramePort.LOADING) {
            framed.add(page);
            used.add(page);
            if (sector == 0) {
                blank.add(page);
            }
        } else {
            budget.give(1);
        }
        return result;
    }

    /** A sector stands in the frame, or cannot be read: the record of its page, idle again, or -1. */
    int loaded(long page, int cause) {
        int rec = queues.find(page);
        if (rec == NONE || operations.kind(rec) != HomeOperations.LOADING) {
            return NONE;
        }
        operations.end(rec);
        if (cause == 0) {
            counters.pagesLoaded++;
            table.ready(page);
        } else {
            table.onDisk(page, sectors.get(page));
            free(page);
        }
        return rec;
    }

    /** The frame stands in its sector, or cannot be written: the record of its page, idle again. */
    int spilled(long page, int cause) {
        int rec = queues.find(page);
        if (rec == NONE || operations.kind(rec) != HomeOperations.SPILLING) {
            throw new IllegalStateException("page " + page + " was spilled, but nobody asked for that");
        }
        spilling--;
        operations.end(rec);
        if (cause != 0 || stale.has(page)) {
            stale.remove(page);
            forgetSector(page);
        } else {
            counters.pagesSpilled++;
            if (queues.head(rec) == NONE && isUnused(page)) {
                leave(page);
            }
        }
        return rec;
    }

    private boolean isUnused(long page) {
        return PageTable.right(table.entry(page)) == Right.NONE;
    }

    /** A run whose rights were taken away is idle again. */
    void cooled(int count) {
        cooling -= count;
    }

    /** True once, when somebody waits for a frame and it is worth trying again. */
    boolean retry() {
        boolean was = starved;
        starved = false;
        return was;
    }

    boolean hasMoreUnderWay() {
        return cooling + spilling > 0;
    }

    boolean isStarved() {
        return starved;
    }

    /** While set, whoever needs a frame and gets none fails: the spill file takes nothing more. */
    void giveUp(boolean now) {
        giveUp = now;
    }

    /**
     * Goes on with the hand until that many frames are free or about to be. False when a page could not leave because there is
     * no room for its bytes. While every right is being taken away nobody knows who has which.
     */
    boolean makeRoom(int frames, long now) {
        boolean room = true;
        int freed = 0;
        long passed = 0;
        while (bounded && !gate.isTaking() && freed + cooling + spilling < frames && passed < 2 * pages) {
            long page = framed.next(hand);
            if (page < 0) {
                break;
            }
            passed += page >= hand ? page - hand + 1 : page + pages - hand + 1;
            hand = page + 1 == pages ? 0 : page + 1;
            long entry = table.entry(page);
            if (PageTable.isBusy(entry) || PageTable.isInProgress(entry)) {
                continue;
            }
            boolean wasUsed = used.has(page);
            used.remove(page);
            if (!isUnused(page)) {
                cool(page, now);
            } else if (!wasUsed) {
                int gone = leaveOrSpill(page, room);
                freed += Math.max(gone, 0);
                room &= gone >= 0;
            }
        }
        return room;
    }

    private void cool(long first, long now) {
        int count = 0;
        while (count < COOL_RUN && first + count < pages && mayCool(first + count)) {
            used.remove(first + count);
            count++;
        }
        counters.pagesCooled += count;
        if (revokes.cool(first, count, now)) {
            cooling += count;
        }
        hand = first + count == pages ? 0 : first + count;
    }

    private boolean mayCool(long page) {
        long entry = table.entry(page);
        return framed.has(page)
                && PageTable.isReady(entry)
                && !PageTable.isBusy(entry)
                && PageTable.right(entry) != Right.NONE;
    }

    /** 1: the frame is free; 0: it will be; -1: there is no room for its bytes. */
    private int leaveOrSpill(long page, boolean maySpill) {
        if (sectors.get(page) != 0 || blank.has(page)) {
            leave(page);
            return 1;
        }
        int sector = maySpill ? port.spill(page) : 0;
        if (sector == 0) {
            return -1;
        }
        sectors.set(page, sector);
        operations.begin(operations.open(page), HomeOperations.SPILLING, NONE);
        spilling++;
        return 0;
    }

    private void leave(long page) {
        counters.pagesEvicted++;
        if (!PageTable.isRemote(table.entry(page))) {
            table.onDisk(page, sectors.get(page));
        }
        free(page);
    }

    private void free(long page) {
        framed.remove(page);
        blank.remove(page);
        port.discard(page, 1);
        budget.give(1);
    }
}
