package io.pagewire.daemon.memory;

import io.pagewire.core.FrameBudget;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One region's view of the daemon's {@link FrameBudgets}, in its own pages.
 *
 * <p>What {@link FrameBudget} has belongs to the region's thread; the rest is called by the regions that share the budget.
 */
public final class FrameShare implements FrameBudget, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FrameShare.class);

    private final FrameBudgets budgets;
    private final int pageSize;
    private final Executor loop;
    private final FrameBudgets.Tenant tenant;
    private final AtomicBoolean starved = new AtomicBoolean();
    private final AtomicBoolean waking = new AtomicBoolean();
    private final AtomicLong asked = new AtomicLong();
    private final Runnable wake = this::wake;
    private final Runnable shrink = this::shrink;
    private volatile long held; // written by the region's thread only
    private boolean closed;

    FrameShare(FrameBudgets budgets, int pageSize, Executor loop, FrameBudgets.Tenant tenant) {
        this.budgets = budgets;
        this.pageSize = pageSize;
        this.loop = loop;
        this.tenant = tenant;
    }

    int pageSize() {
        return pageSize;
    }

    /** Bytes of frames this region has taken. */
    public long held() {
        return held;
    }

    @Override
    public boolean limited() {
        return budgets.limited();
    }

    @Override
    public boolean take(int frames) {
        long bytes = (long) frames * pageSize;
        if (!budgets.limited()) {
            takeReserve(frames);
            return true;
        }
        if (budgets.take(bytes)) {
            hold(bytes);
            return true;
        }
        if (starved.compareAndSet(false, true)) {
            budgets.starve();
        }
        // Frames that were given before we counted as starved have woken nobody, so look once more. If that succeeds we
        // stay starved: an earlier wish may wait, and being woken for nothing does no harm.
        if (budgets.take(bytes)) {
            hold(bytes);
            return true;
        }
        budgets.askRichest(this, bytes);
        return false;
    }

    @Override
    public void takeReserve(int frames) {
        long bytes = (long) frames * pageSize;
        budgets.takeReserve(bytes);
        hold(bytes);
    }

    @Override
    public void give(int frames) {
        long bytes = (long) frames * pageSize;
        if (bytes > held) {
            throw new IllegalStateException(bytes + " bytes of frames given back, but only " + held + " were taken");
        }
        hold(-bytes);
        budgets.give(bytes);
    }

    private void hold(long bytes) {
        held = held + bytes;
    }

    @Override
    public int wantedBack() {
        if (!budgets.limited()) {
            return 0;
        }
        long bytes = budgets.wantedBack(this);
        return (int) Math.min(Integer.MAX_VALUE, (bytes + pageSize - 1) / pageSize);
    }

    /** Called now and then: while this region is starved, others are asked again. They may be able to help now. */
    public void tick() {
        if (starved.get()) {
            budgets.askAll(this, pageSize);
        }
    }

    // ---- called by other regions' threads ------------------------------------------------------------------------

    void wakeIfFits(long free) {
        if (free >= pageSize && starved.get() && waking.compareAndSet(false, true)) {
            onLoop(wake);
        }
    }

    void ask(long bytes) {
        if (asked.getAndAdd(bytes) == 0) {
            onLoop(shrink);
        }
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("a region's loop has ended, nobody waits there: {}", e.getMessage());
        }
    }

    // ---- on the region's thread ----------------------------------------------------------------------------------

    private void wake() {
        waking.set(false);
        if (!closed && starved.compareAndSet(true, false)) {
            budgets.fed();
            tenant.framesFree(System.nanoTime());
        }
    }

    private void shrink() {
        long bytes = Math.min(asked.getAndSet(0), held);
        if (!closed && bytes > 0) {
            tenant.shrink((int) Math.min(Integer.MAX_VALUE, (bytes + pageSize - 1) / pageSize), System.nanoTime());
        }
    }

    /** The region is closed: its frames are free. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        budgets.closed(this);
        if (starved.compareAndSet(true, false)) {
            budgets.fed();
        }
        long bytes = held;
        held = 0;
        budgets.give(bytes);
    }
}
