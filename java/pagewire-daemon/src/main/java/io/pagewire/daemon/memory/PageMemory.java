package io.pagewire.daemon.memory;

import io.pagewire.core.FrameBudget;
import io.pagewire.core.FramePort;
import io.pagewire.daemon.config.FrameSettings;
import io.pagewire.wire.FaultCause;
import java.util.concurrent.Executor;

/**
 * The memory behind the pages of one region, as its core uses it: frames, the budget that bounds them, and the spill file for
 * what does not fit. Without a bound nothing is counted, and nothing leaves its frame unless the core discards it (SPEC: V7).
 *
 * <p>Belongs to the region's event loop.
 */
public final class PageMemory implements FramePort, AutoCloseable {
    private final MemoryFrames frames;
    private final int pageSize;
    private final SpillSpace space;
    private final boolean home;
    private final FrameShare share;
    private final SpillFile spill;
    private final Core core;

    /** The core of the region. Called on the region's loop, never from within a call of this class. */
    public interface Core extends FrameBudgets.Tenant, SpillFile.Owner {}

    /** What all regions of a daemon share. */
    public record Shared(FrameSettings settings, FrameBudgets budgets, SpillSpace space, Executor slow) {
        public static Shared of(FrameSettings settings, Executor slow) {
            return new Shared(settings, new FrameBudgets(settings.maxBytes()), new SpillSpace(settings), slow);
        }
    }

    /** @param home these are the only frames of the pages; otherwise they are copies, which may also be dropped */
    public PageMemory(Shared shared, MemoryFrames frames, int pageSize, Executor loop, boolean home, Core core) {
        this.frames = frames;
        this.pageSize = pageSize;
        this.space = shared.space();
        this.home = home;
        this.core = core;
        FrameSettings settings = shared.settings();
        boolean spills = home ? settings.spillsOwn() : settings.spillsCopies();
        share = settings.limited() ? shared.budgets().open(pageSize, loop, core) : null;
        spill = spills ? new SpillFile(space, frames, pageSize, shared.slow(), loop, core) : null;
    }

    /** The bound for the core's frames. */
    public FrameBudget budget() {
        return share == null ? FrameBudget.UNLIMITED : share;
    }

    public boolean limited() {
        return share != null;
    }

    /** Bytes of frames that are taken; 0 without a bound, when nobody counts. */
    public long held() {
        return share == null ? 0 : share.held();
    }

    /** Pages that stand in the spill file. */
    public int spilledPages() {
        return spill == null ? 0 : spill.pages();
    }

    @Override
    public void discard(long firstPage, int count) {
        frames.discard(firstPage * pageSize, (long) count * pageSize);
    }

    @Override
    public int spill(long page) {
        if (spill != null) {
            return spill.spill(page);
        }
        if (home) {
            core.explain(FaultCause.NO_MEMORY, space.noRoom());
            space.fails(space.noRoom());
        }
        return 0;
    }

    @Override
    public int load(long page, int sector) {
        return spill.load(page, sector);
    }

    @Override
    public void forget(int sector) {
        spill.forget(sector);
    }

    /** Called every few milliseconds. */
    public void tick() {
        if (share != null) {
            share.tick();
        }
    }

    /** The region ends; its frames are closed by whoever made them. */
    @Override
    public void close() {
        if (share != null) {
            share.close();
        }
        if (spill != null) {
            spill.close();
        }
    }
}
