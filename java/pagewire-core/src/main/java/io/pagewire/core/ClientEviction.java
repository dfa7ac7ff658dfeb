package io.pagewire.core;

import io.pagewire.core.Withdrawals.Reason;

/**
 * Lets pages of a client leave their frames by CLOCK, and brings copies back from the local disk cache. The hand takes rights from
 * pages that were used and lets go of those that were not: a copy is dropped or goes to the disk cache, a written page goes home
 * (ARCHITECTURE.md, Memory pressure; SPEC: V7).
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class ClientEviction {
    private static final int COOL_RUN = 64;

    private final long pages;
    private final PageTable table;
    private final PageQueues queues;
    private final ClientCounters counters;
    private final ClientFrames frames;
    private final WrittenPages written;
    private final ClientRevokes revokes;

    ClientEviction(
            long pages,
            PageTable table,
            PageQueues queues,
            ClientCounters counters,
            ClientFrames frames,
            WrittenPages written,
            ClientRevokes revokes) {
        this.pages = pages;
        this.table = table;
        this.queues = queues;
        this.counters = counters;
        this.frames = frames;
        this.written = written;
        this.revokes = revokes;
    }

    /** Goes on with the hand until that many frames are free or about to be, or it has been everywhere twice. */
    void makeRoom(int wanted, long now) {
        int freed = 0;
        long passed = 0;
        long before = -1;
        while (frames.isBounded() && freed + underWay() < wanted && passed < 2 * pages) {
            long page = frames.advance();
            if (page < 0) {
                break;
            }
            passed += page > before ? page - before : page - before + pages;
            before = page;
            long entry = table.entry(page);
            if (!mayLeave(page, entry)) {
                continue;
            }
            if (PageTable.right(entry) != Right.NONE) {
                cool(page, now);
            } else if (frames.isUsed(page)) {
                frames.cool(page);
            } else {
                freed += leave(page) ? 1 : 0;
            }
        }
        revokes.discardDropped();
    }

    private int underWay() {
        return revokes.withdrawals.cooling() + frames.spilling() + written.keptCount();
    }

    private boolean mayLeave(long page, long entry) {
        return PageTable.isReady(entry)
                && !PageTable.isBusy(entry)
                && !PageTable.isUpgrading(entry)
                && !written.isKept(page)
                && queues.find(page) == PageQueues.NONE;
    }

    private void cool(long first, long now) {
        int count = 0;
        while (count < COOL_RUN && first + count < pages && mayCool(first + count)) {
            frames.cool(first + count);
            count++;
        }
        counters.pagesCooled += count;
        frames.skipTo(first + count);
        revokes.take(first, count, Right.NONE, Reason.COOL, now);
    }

    private boolean mayCool(long page) {
        long entry = table.entry(page);
        return mayLeave(page, entry) && frames.has(page) && PageTable.right(entry) != Right.NONE;
    }

    /** True when the frame is free now. */
    private boolean leave(long page) {
        boolean copy = PageTable.hostState(table.entry(page)) == HostState.SHARED;
        if (copy && frames.sector(page) != 0) {
            toDisk(page);
            return true;
        }
        if (copy && frames.spill(page)) {
            table.busy(page, true);
            return false;
        }
        counters.pagesEvicted++;
        revokes.giveUp(page, 1);
        return copy;
    }

    private void toDisk(long page) {
        counters.pagesEvicted++;
        table.onDisk(page, frames.sector(page));
        revokes.dropFrame(page);
    }

    /** The copy stands in its sector, or cannot be written there; a page that lost its circuit meanwhile has no copy. */
    void spilled(long page, int cause, long now) {
        if (!frames.spilled(page)) {
            throw new IllegalStateException("page " + page + " was spilled, but nobody asked for that");
        }
        long entry = table.entry(page);
        boolean valid = PageTable.isReady(entry) && PageTable.isBusy(entry);
        if (!valid || cause != 0) {
            frames.forgetSector(page);
            if (!PageTable.isPresent(entry)) {
                revokes.dropFrame(page);
            }
        } else {
            counters.pagesSpilled++;
        }
        if (valid) {
            table.busy(page, false);
            boolean wanted = queues.find(page) != PageQueues.NONE || revokes.owed.find(page) != Owed.NONE;
            if (!wanted && cause == 0) {
                toDisk(page);
            } else if (!wanted) {
                counters.pagesEvicted++;
                revokes.giveUp(page, 1);
            }
            revokes.answerOwed(page, now);
        }
        revokes.discardDropped();
    }

    /** Reads a copy from the disk cache into a frame that was taken: 0, {@link FramePort#LOADING}, or why there is no copy now. */
    int load(long page) {
        int result = frames.load(page);
        if (result == 0) {
            counters.pagesLoaded++;
            table.present(page);
        } else if (result == FramePort.LOADING) {
            table.inProgress(page);
        } else {
            revokes.release(page, 1);
            revokes.vacate(page);
            revokes.discardDropped();
            return result;
        }
        frames.touch(page, 1);
        return result;
    }

    /** A copy was read from the disk cache, or cannot be; when home has purged it meanwhile it counts for nothing. */
    void loaded(long page, int cause) {
        if (!frames.loaded(page)) {
            throw new IllegalStateException("page " + page + " was loaded, but nobody asked for that");
        }
        if (PageTable.isInProgress(table.entry(page)) && cause == 0) {
            counters.pagesLoaded++;
            table.ready(page);
            return;
        }
        frames.forgetSector(page);
        if (PageTable.isInProgress(table.entry(page))) {
            revokes.release(page, 1);
            revokes.vacate(page);
        } else {
            revokes.dropFrame(page);
        }
        revokes.discardDropped();
    }
}
