package io.pagewire.daemon.memory;

import io.pagewire.core.FrameBudget;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that all frames of this daemon may take together (SPEC: V7). Taking and giving is one atomic addition. A region
 * whose wish was refused is *starved* until it has been told that frames are free again; for it the region that holds most is
 * asked to give some up, unless the starved one holds at least as much and can help itself.
 *
 * <p>Safe for use by any thread.
 */
public final class FrameBudgets {
    private final long max;
    private final AtomicLong used = new AtomicLong();
    private final AtomicInteger starved = new AtomicInteger();
    private final List<FrameShare> shares = new CopyOnWriteArrayList<>();

    /** @param max bytes; 0 = no bound */
    public FrameBudgets(long max) {
        this.max = max;
    }

    public boolean limited() {
        return max > 0;
    }

    /** Most bytes of frames; 0 = no bound. */
    public long max() {
        return max;
    }

    /** Bytes taken; more than {@link #max} while bytes that come home use the reserve. */
    public long used() {
        return used.get();
    }

    /**
     * A region's view, in its pages. Close it when the region ends.
     *
     * @param loop the region's thread
     */
    public FrameShare open(int pageSize, Executor loop, Tenant tenant) {
        FrameShare share = new FrameShare(this, pageSize, loop, tenant);
        shares.add(share);
        return share;
    }

    /** A region as the budget sees it. Called on the region's thread. */
    public interface Tenant {
        /** Frames are to be had again, after {@link FrameBudget#take} had refused some. */
        void framesFree(long now);

        /** Others need frames: gives up that many if it can. */
        void shrink(int frames, long now);
    }

    boolean take(long bytes) {
        long before = used.get();
        while (before + bytes <= max) {
            if (used.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = used.get();
        }
        return false;
    }

    void takeReserve(long bytes) {
        used.addAndGet(bytes);
    }

    void give(long bytes) {
        long left = used.addAndGet(-bytes);
        if (starved.get() > 0) {
            for (FrameShare share : shares) {
                share.wakeIfFits(max - left);
            }
        }
    }

    /**
     * Counts a region that is starved. What is given after this sees it; so who looks at the budget once more after this
     * misses nothing.
     */
    void starve() {
        starved.incrementAndGet();
    }

    void fed() {
        starved.decrementAndGet();
    }

    /** A wish was refused: asks whoever holds most for what is missing, when that is another region. */
    void askRichest(FrameShare poor, long bytes) {
        long missing = used.get() + bytes - max;
        FrameShare richest = poor;
        for (FrameShare share : shares) {
            if (share.held() > richest.held()) {
                richest = share;
            }
        }
        if (richest != poor && missing > 0) {
            richest.ask(Math.min(missing, richest.held()));
        }
    }

    /** Nobody has given anything since the wish was refused: asks every other region for a frame. */
    void askAll(FrameShare poor, long bytes) {
        if (used.get() + bytes <= max) {
            return;
        }
        for (FrameShare share : shares) {
            if (share != poor && share.held() > 0) {
                share.ask(Math.min(bytes, share.held()));
            }
        }
    }

    /**
     * A sixteenth of all memory, and at least 16 frames, should be free. What is missing is wanted from the regions in
     * proportion to what they hold.
     */
    long wantedBack(FrameShare share) {
        long taken = used.get();
        long free = Math.min(Math.max(max / 16, 16L * share.pageSize()), max / 4);
        long missing = free - (max - taken);
        if (missing <= 0 || taken <= 0) {
            return 0;
        }
        double part = (double) share.held() / taken;
        return Math.min(share.held(), (long) Math.ceil(missing * part));
    }

    void closed(FrameShare share) {
        shares.remove(share);
    }
}
