package io.pagewire.daemon.region;

import io.netty.channel.EventLoop;
import io.pagewire.core.LocalPort;
import io.pagewire.core.Right;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.local.PagerSide;
import io.pagewire.daemon.sys.LeaseMemory;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;

/**
 * One region on this host: its mappings, the lease page its programs watch, and the timer of its deadlines. Turns what lines
 * and agents say into events of the core and the core's decisions into messages.
 *
 * <p>Belongs to the region's event loop; {@link #record()} and {@link #loop()} may be read by any thread.
 */
public abstract class RegionRuntime implements PagerSide, LocalPort, Stoppable {
    private static final int TICK_MS = 20;

    /** How many ticks pass between two looks for processes that have ended: a second. */
    private static final int ENDED_TICKS = 50;

    protected final RegionContext context;
    private final RegionRecord record;
    private final EventLoop loop;
    private final String leaseName;
    private final LeaseMemory lease;
    private final List<Mapping> mappings = new ArrayList<>();
    private final String[] failureTexts = new String[FaultCause.values().length + 1];
    private ScheduledFuture<?> ticker;
    private int ticks;
    private boolean closed;

    protected RegionRuntime(RegionContext context, RegionRecord record, EventLoop loop) throws IOException {
        this.context = context;
        this.record = record;
        this.loop = loop;
        this.leaseName = LeaseMemory.name(context.directory().incarnation(), record.id());
        this.lease = LeaseMemory.create(leaseName, context.session());
    }

    public final RegionRecord record() {
        return record;
    }

    @Override
    public final EventLoop loop() {
        return loop;
    }

    /** Starts the timer; called once, on the loop. */
    protected final void startTicking() {
        ticker = Timers.every(loop, TICK_MS, "the timer of region " + record.name(), this::tick);
    }

    private void tick() {
        onTick(System.nanoTime());
        if (++ticks % ENDED_TICKS == 0) {
            dropEnded();
        }
    }

    protected abstract void onTick(long now);

    protected abstract Right coreMappingOpened(int mapping, Right highest);

    protected abstract void coreMappingGone(int mapping, long now);

    /** The descriptor of the frames that a program with at most this right may map; stays open here. */
    protected abstract int framesForPrograms(Right highest);

    /** The highest right a program on this host can get. */
    protected abstract Right highestRight();

    protected abstract boolean isHome();

    /** Whether the initial right of a mapping holds for good. */
    protected boolean isPreloaded() {
        return false;
    }

    protected abstract long epoch();

    /** A process is about to map the region, with at most this right. */
    protected void onOpen(LocalProcess process, Right highest) {
        // Who may connect to the daemon at all may use what it owns.
    }

    /** The last mapping is gone. */
    protected void onIdle() {
        // A region lives on without programs where its bytes are at home.
    }

    /** Sets the circuit up, if this region needs one, and runs {@code done} with null or the reason why it failed. */
    public abstract void connectEagerly(Consumer<ControlReply> done);

    /** How far this region has come that must be in memory as a whole; null when there is nothing to wait for. Any thread. */
    public Filling filling() {
        return null;
    }

    /** The region was deleted: every fault from now on fails. */
    public abstract void deleted();

    // ---- mappings ------------------------------------------------------------------------------------------------

    /**
     * Makes a mapping for a process and the answer that tells it everything; null when this runtime is closed already.
     *
     * @param readOnly the process will only read, and can do nothing else
     */
    public final ControlReply open(LocalProcess process, boolean readOnly) {
        if (closed) {
            return null;
        }
        if (!process.hold()) {
            if (mappingCount() == 0) {
                onIdle(); // it may have been made for this process alone
            }
            return ControlReply.failed(LocalStatus.INTERNAL, "the process has ended");
        }
        int index = mappings.indexOf(null);
        if (index < 0) {
            index = mappings.size();
            mappings.add(null);
        }
        Mapping mapping = new Mapping(index, context.newToken(), process, this);
        mappings.set(index, mapping);
        context.register(mapping);
        Right highest = readOnly ? Right.READ : highestRight();
        onOpen(process, highest);
        Right initial = coreMappingOpened(index, highest);
        byte[] reply =
                MapReplies.encode(context, record, mapping.token(), isHome(), isPreloaded(), epoch(), initial, highest);
        return ControlReply.mapped(reply, framesForPrograms(highest), lease.readOnlyFd());
    }

    @Override
    public final void unmapped(Mapping mapping) {
        if (mapping.isGone()) {
            return;
        }
        mapping.end();
        context.forget(mapping);
        mappings.set(mapping.index(), null);
        coreMappingGone(mapping.index(), System.nanoTime());
        onUnmapped(mapping);
        mapping.process().release();
        if (mappingCount() == 0) {
            onIdle();
        }
    }

    /** The process has nothing of this mapping any more; it is held until this returns. */
    protected void onUnmapped(Mapping mapping) {
        // Most have nothing to do.
    }

    @Override
    public final void agentLost(Mapping mapping) {
        SilentMapping.lostAgent(this, mapping, leaseName);
    }

    /** Of a process that has ended nothing is heard when a process that was forked from it has its sockets. */
    private void dropEnded() {
        for (Mapping mapping : present()) {
            if (mapping.process().hasEnded()) {
                unmapped(mapping);
            }
        }
    }

    /** Ends the mappings of a process whose control connection closed before it opened an agent. */
    public final void dropUnused(LocalProcess process) {
        for (Mapping mapping : List.copyOf(present())) {
            if (mapping.process() == process && !mapping.hasAgent()) {
                unmapped(mapping);
            }
        }
    }

    /** Tells every program that maps the region that pages went back to an older state. */
    protected final void tellLost(long firstPage, int count) {
        for (Mapping mapping : mappings) {
            if (mapping != null) {
                mapping.lost(firstPage, count);
            }
        }
    }

    /** Null when it is gone, or when it is none of a program. */
    private Mapping mapping(int index) {
        return index < mappings.size() ? mappings.get(index) : null;
    }

    private List<Mapping> present() {
        List<Mapping> present = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (mapping != null) {
                present.add(mapping);
            }
        }
        return present;
    }

    public final int mappingCount() {
        int count = 0;
        for (Mapping mapping : mappings) {
            if (mapping != null) {
                count++;
            }
        }
        return count;
    }

    @Override
    public final void grant(int mapping, int line, int requestId, long firstPage, int count, Right right, long seq) {
        Mapping to = mapping(mapping);
        if (to != null) {
            to.grant(line, requestId, firstPage, count, right.code(), seq);
        } else {
            ownAnswered(mapping);
        }
    }

    @Override
    public final void fail(int mapping, int line, int requestId, long page, int cause) {
        Mapping to = mapping(mapping);
        if (to != null) {
            to.fail(line, requestId, page, cause);
        } else {
            ownAnswered(mapping);
        }
    }

    @Override
    public final void revoke(int mapping, long firstPage, int count, Right left, long sequence) {
        revoke(mapping, firstPage, count, left, false, sequence);
    }

    @Override
    public final void revokeAtLeisure(int mapping, long firstPage, int count, Right left, long sequence) {
        revoke(mapping, firstPage, count, left, true, sequence);
    }

    private void revoke(int mapping, long firstPage, int count, Right left, boolean atLeisure, long sequence) {
        Mapping to = mapping(mapping);
        if (to == null) {
            ownRevoked(mapping, sequence);
        } else if (!to.revoke(firstPage, count, left.code(), atLeisure, sequence)) {
            // No agent yet, so no right was ever applied: the library opens the agent before it gives itself any right.
            loop.execute(() -> {
                if (!to.isGone()) {
                    revoked(to, sequence);
                }
            });
        }
    }

    /** A request was answered that no program has made. */
    protected void ownAnswered(int mapping) {
        // The program's mapping has ended meanwhile.
    }

    /** A right is to be given up that no program has. */
    protected void ownRevoked(int mapping, long sequence) {
        // The program's mapping has ended meanwhile, and with it its rights.
    }

    @Override
    public final void fence(int mapping) {
        Mapping to = mapping(mapping);
        if (to != null) {
            SilentMapping.missedRevoke(
                    this, to, leaseName, context.settings().deadlines().revokeMs());
        }
    }

    // ---- lease ---------------------------------------------------------------------------------------------------

    /** A part of a large page has moved: programs that wait for one see it. */
    protected final void largePageMoves() {
        lease.moved();
    }

    /** Until when programs may use their rights: ns of CLOCK_BOOTTIME, 0 = no longer. */
    protected final void leaseUntil(long endBootNs) {
        lease.end(endBootNs);
    }

    // ---- failures ------------------------------------------------------------------------------------------------

    /** Remembers what stands behind a cause, for the user who asks why a fault failed. */
    protected final void explain(FaultCause cause, String text) {
        failureTexts[cause.code()] = text;
    }

    /** One line of text about a failure of this region, as precise as is known. */
    public final String why(FaultCause cause) {
        String detail = failureTexts[cause.code()];
        return detail == null ? cause.text() : detail;
    }

    // ---- end -----------------------------------------------------------------------------------------------------

    protected final boolean isClosed() {
        return closed;
    }

    @Override
    public final String called() {
        return "region " + record().name();
    }

    @Override
    public void shutDown(Consumer<Boolean> done) {
        try {
            close();
        } finally {
            done.accept(true);
        }
    }

    @Override
    public void giveUp(String why) {
        // Nothing is waited for.
    }

    /** What a program whose mapping is taken away by {@link #close} is told of what it wrote; null = nothing. */
    Leaving.Report outcome() {
        return null;
    }

    /** Ends the runtime: nothing of it is left. */
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (ticker != null) {
            ticker.cancel(false);
        }
        Leaving.Report outcome = outcome();
        for (Mapping mapping : present()) {
            if (outcome != null) {
                context.leavings().taken(mapping.token(), mapping.process().pid(), new Leaving(loop, outcome));
            }
            mapping.end();
            context.forget(mapping);
            mapping.process().release();
        }
        mappings.clear();
        Descriptors.close(lease);
    }
}
