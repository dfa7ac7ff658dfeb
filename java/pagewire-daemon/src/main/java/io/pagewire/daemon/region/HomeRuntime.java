package io.pagewire.daemon.region;

import io.netty.channel.EventLoop;
import io.pagewire.core.Cause;
import io.pagewire.core.FrameBudget;
import io.pagewire.core.FramePort;
import io.pagewire.core.Geometry;
import io.pagewire.core.HomeDeparture;
import io.pagewire.core.HomePort;
import io.pagewire.core.HomeRegion;
import io.pagewire.core.HomeSettings;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitServer;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.config.Deadlines;
import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.memory.PageMemory;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A region that this host owns: serves the programs here from the frames and other hosts over their circuits, as the core
 * decides. The owner's rights are bound to its directory session: when that may have ended, nothing is granted and nothing
 * served until the claim is confirmed.
 *
 * <p>Belongs to the region's event loop.
 */
public final class HomeRuntime extends RegionRuntime implements HomePort, CircuitServer.Home {
    private static final Logger LOG = LoggerFactory.getLogger(HomeRuntime.class);
    private static final long MS = 1_000_000L;

    private final HomeRegion core;
    private final PageSource source;
    private final HolderBook book; // null when it would be of no use, or cannot be had
    private final PageMemory bounded; // null for an exported file
    private final FramePort memory;
    private final PageSender sender;
    private final CircuitSlots slots = new CircuitSlots();
    private final HomeCalls calls;
    private final IncomingBytes incoming;
    private final HomeForces forces;
    private final HomeSync sync;
    private final LossReport losses;
    private final Deadlines deadlines;
    private final OwnerLease owner;
    private final HomeEnd end;
    private final List<Runnable> whenRightless = new ArrayList<>();
    private final List<Runnable> whenForgotten = new ArrayList<>();
    private final BitSet filesGiven = new BitSet();
    private volatile boolean deleted;

    /**
     * @param restarted an earlier session of this daemon may have given rights to other hosts: no write is granted before
     *     they must have run out
     */
    public HomeRuntime(
            RegionContext context,
            RegionRecord record,
            EventLoop loop,
            PageSource source,
            OwnerRecord claim,
            boolean restarted)
            throws IOException {
        this(context, record, loop, source, claim, restarted, null);
    }

    /** @param book says who holds its pages, also after a restart; null for none */
    HomeRuntime(
            RegionContext context,
            RegionRecord record,
            EventLoop loop,
            PageSource source,
            OwnerRecord claim,
            boolean restarted,
            HolderBook book)
            throws IOException {
        super(context, record, loop);
        this.source = source;
        this.book = book;
        this.deadlines = context.settings().deadlines();
        Geometry geometry = new Geometry(record.span() / record.pageSize(), record.pageSize());
        HomeSettings defaults = HomeSettings.defaults(geometry);
        bounded = source instanceof MemorySource created
                ? new PageMemory(context.memory(), created.frames(), record.pageSize(), loop, true, CoreMemory.of(this))
                : null;
        memory = bounded == null ? FileMemory.INSTANCE : bounded;
        core = new HomeRegion(
                geometry,
                this,
                this,
                new HomeSettings(
                        deadlines.homeMs() * MS,
                        deadlines.revokeMs() * MS,
                        deadlines.faultAnswerMs() * MS,
                        defaults.writeRunPages(),
                        record.anyWriter(),
                        grantsAfter(claim.epoch())),
                bounded == null ? FrameBudget.UNLIMITED : bounded.budget(),
                context.tables());
        sender = new PageSender(source, record.pageSize());
        calls = new HomeCalls(this, context, slots);
        incoming = new IncomingBytes(record.pageSize());
        sync = new HomeSync(this, source, sender, context.slow());
        forces = new HomeForces(source, record.name(), loop, context.slow(), deadlines.stallMs() * MS);
        losses = new LossReport(record.name(), context.losses(), this::tellLost);
        end = new HomeEnd(this, deadlines.stallMs());
        owner = new OwnerLease(this, context, claim);
        if (restarted) {
            long now = System.nanoTime();
            core.suspend(Cause.FENCED, now);
            core.resume(now, now + deadlines.homeMs() * MS);
            if (book != null) {
                calls.restore(book, now);
            }
        }
    }

    /** Every claim has an epoch of its own; neighbouring epochs are scattered over all numbers. */
    private static int grantsAfter(long epoch) {
        return (int) (epoch * 0x9E3779B97F4A7C15L >>> 32);
    }

    /** Starts the timer; call on the loop. */
    public void start() {
        startTicking();
    }

    public HomeRegion core() {
        return core;
    }

    /** What binds this host's rights in the region to its directory session. */
    public OwnerLease owner() {
        return owner;
    }

    /** Whether anybody may write to the region's bytes. */
    boolean writable() {
        return source.writable();
    }

    public Iterable<HomeCircuit> circuits() {
        return slots.all();
    }

    @Override
    protected boolean isHome() {
        return true;
    }

    @Override
    protected long epoch() {
        return owner.claim().epoch();
    }

    @Override
    protected Right highestRight() {
        return source.writable() ? Right.WRITE : Right.READ;
    }

    @Override
    protected int framesForPrograms(Right highest) {
        return highest == Right.WRITE ? source.descriptor() : source.readOnlyDescriptor();
    }

    /** Whether a program that maps the region now is given a file to write. Any thread. */
    public boolean givesFile(boolean readOnly) {
        return record().kind() == Kind.EXPORTED && !readOnly && highestRight() == Right.WRITE;
    }

    @Override
    protected void onUnmapped(Mapping mapping) {
        boolean wrote = filesGiven.get(mapping.index());
        filesGiven.clear(mapping.index());
        if (wrote && mapping.process().hold()) {
            context.forgetWriter(record().id(), mapping.process());
        }
    }

    @Override
    protected Right coreMappingOpened(int mapping, Right highest) {
        filesGiven.set(mapping, record().kind() == Kind.EXPORTED && highest == Right.WRITE);
        return core.mappingOpened(mapping, highest);
    }

    @Override
    protected void coreMappingGone(int mapping, long now) {
        core.mappingGone(mapping, now);
        lookForTheEnd();
        closeIfDeleted();
    }

    @Override
    public Filling filling() {
        return source.filling();
    }

    @Override
    public void connectEagerly(Consumer<ControlReply> done) {
        done.accept(null);
    }

    // ---- local programs ------------------------------------------------------------------------------------------

    @Override
    public void fault(Mapping mapping, int line, int requestId, long page, int wanted) {
        long now = System.nanoTime();
        owner.suspendIfOver(now);
        core.localFault(mapping.index(), line, requestId, page, Right.of(wanted), now);
    }

    @Override
    public void lineLost(Mapping mapping, int line) {
        if (!mapping.isGone()) {
            core.lineLost(mapping.index(), line);
        }
    }

    @Override
    public void revoked(Mapping mapping, long sequence) {
        core.revoked(mapping.index(), sequence, System.nanoTime());
        lookForTheEnd();
    }

    // ---- other hosts ---------------------------------------------------------------------------------------------

    /** Decides about a call (SPEC: V2). The circuit lives on this loop already. */
    @Override
    public void call(Circuit circuit, SetupRequest setup, int circuitId, int incarnation, long epoch) {
        owner.suspendIfOver(System.nanoTime());
        calls.call(circuit, setup, circuitId, incarnation, epoch);
    }

    /** The message with bytes that is being handled. */
    IncomingBytes incoming() {
        return incoming;
    }

    HomeCalls calls() {
        return calls;
    }

    HomeSync sync() {
        return sync;
    }

    HomeForces forces() {
        return forces;
    }

    /** Whether the region ends here, so that nothing is given to other hosts to write any more. */
    boolean isLeaving() {
        return end.isUnderWay();
    }

    /** Null when nobody writes down who holds what. */
    HolderBook book() {
        return book;
    }

    LossReport losses() {
        return losses;
    }

    @Override
    public int sendPages(
            int slot, int request, long first, int count, int grantNumber, boolean last, boolean exclusive) {
        if (sync.has(slot)) {
            int result = sync.sendPages(slot, request, first, count, grantNumber);
            if (result == WARMING) {
                warm(first, count);
            }
            return result;
        }
        HomeCircuit to = slots.get(slot);
        if (to == null || !to.circuit().isOpen()) {
            return SENT; // The connection is lost; the host is cleared from every copyset when its deadline has passed.
        }
        int result;
        to.circuit().gather();
        try {
            result = sender.send(to.circuit(), request, first, count, grantNumber, last, exclusive, to.sendsAhead());
            if (result == SENT) {
                to.sentPages((long) count * record().pageSize());
            }
        } finally {
            to.circuit().flushGathered();
        }
        if (result == WARMING) {
            warm(first, count);
        }
        return result;
    }

    /** A part of a long message has moved on the circuit of the host. */
    void circuitMoved(int slot, long now) {
        core.moved(slot, now);
        largePageMoves();
        end.moved(now);
    }

    @Override
    public boolean takes(int slot) {
        HomeCircuit to = slots.get(slot);
        return to == null || to.takesPages();
    }

    @Override
    public int takesAhead(int slot) {
        HomeCircuit to = slots.get(slot);
        return to == null ? Integer.MAX_VALUE : to.takesAhead(record().pageSize());
    }

    private void warm(long first, int count) {
        long offset = first * record().pageSize();
        int length = (int) Math.min((long) count * record().pageSize(), 1 << 30);
        context.slow().execute(() -> {
            int cause = readFromDisk(offset, length);
            loop().execute(() -> {
                if (!isClosed()) {
                    core.dataReady(first, cause, System.nanoTime());
                }
            });
        });
    }

    /** Whatever goes wrong, the page must not stay busy for ever. */
    private int readFromDisk(long offset, int length) {
        try {
            return source.warm(offset, length);
        } catch (RuntimeException | Error e) {
            LOG.error("region {}: bytes at {} cannot be read", record().name(), offset, e);
            return Cause.NO_MEMORY;
        }
    }

    @Override
    public void decline(int slot, int request, long first, int count, int cause) {
        HomeCircuit to = slots.get(slot);
        if (sync.has(slot)) {
            sync.declined(slot, request, first, cause);
        } else if (to != null) {
            sender.decline(to.circuit(), request, first, count, cause);
        }
    }

    @Override
    public void purge(int slot, long first, int count, int operation) {
        HomeCircuit to = slots.get(slot);
        if (to != null) {
            to.circuit().sendRange(PeerLayout.PURGE, first, count, operation);
        }
    }

    @Override
    public void hangUp(int slot, int cause) {
        calls.hangUp(slots.get(slot), cause);
    }

    // ---- the owner's own lease -----------------------------------------------------------------------------------

    /** The claim was made anew; with a later epoch, circuits of the earlier one are over. */
    public void claimed(OwnerRecord anew) {
        if (owner.claimed(anew)) {
            calls.endAll(Cause.NO_OWNER, "the owner has claimed the region anew; call again");
        }
    }

    // ---- time, end -----------------------------------------------------------------------------------------------

    @Override
    protected void onTick(long now) {
        owner.suspendIfOver(now);
        calls.tick(now);
        losses.tick();
        forces.tick(now);
        core.tick(now);
        end.tick(now);
        if (bounded != null) {
            bounded.tick();
        }
    }

    /** Any thread. */
    public boolean isDeleted() {
        return deleted;
    }

    /**
     * The region was deleted. {@code rightless} runs once no program of this host can read or store into it any more: every agent
     * has answered, or its process has ended.
     */
    public void delete(Runnable rightless) {
        whenRightless.add(rightless);
        deleted();
        lookForTheEnd();
    }

    /** Runs once the region is deleted and no program has it mapped any more: nothing is done with its bytes after that. */
    public void onForgotten(Runnable forgotten) {
        whenForgotten.add(forgotten);
        lookForTheEnd();
    }

    private void lookForTheEnd() {
        if (!deleted || core.isTakingRights()) {
            return;
        }
        run(whenRightless);
        if (mappingCount() == 0) {
            run(whenForgotten);
        }
    }

    private static void run(List<Runnable> tasks) {
        List<Runnable> due = List.copyOf(tasks);
        tasks.clear();
        due.forEach(Runnable::run);
    }

    @Override
    public void deleted() {
        if (deleted) {
            return;
        }
        deleted = true;
        explain(FaultCause.UNKNOWN_REGION, "region " + record().name() + " has been deleted");
        owner.end();
        core.fail(Cause.UNKNOWN_REGION, System.nanoTime());
        calls.endAll(Cause.UNKNOWN_REGION, "the region has been deleted");
        lookForTheEnd();
        closeIfDeleted();
    }

    /** A deleted region's frames go when the last program has let go of them. */
    private void closeIfDeleted() {
        if (deleted && mappingCount() == 0) {
            Timers.after(loop(), 1000, "closing region " + record().name(), this::close);
        }
    }

    /** Writes an exported file's changes to disk; {@code done} hears the outcome. On the loop. */
    public void force(Consumer<ControlReply> done) {
        forces.add(done);
    }

    /** What other hosts have written to a file comes home before the region ends; contents in memory end with the daemon. */
    @Override
    public void shutDown(Consumer<Boolean> done) {
        if (isClosed() || record().kind() != Kind.EXPORTED || !record().anyWriter()) {
            super.shutDown(done);
        } else {
            end.begin(System.nanoTime(), complete -> super.shutDown(closed -> done.accept(complete)));
        }
    }

    @Override
    public void giveUp(String why) {
        end.giveUp(why);
    }

    HomeEnd end() {
        return end;
    }

    @Override
    protected void ownAnswered(int mapping) {
        if (mapping == HomeDeparture.READER) {
            end.answered();
        }
    }

    @Override
    protected void ownRevoked(int mapping, long sequence) {
        if (mapping == HomeDeparture.READER) {
            end.revoked(sequence);
        }
    }

    /** The host that has the page alone; null when it is at home. */
    String holderOf(long page) {
        HomeCircuit holder = slots.get(core.holder(page));
        return holder == null ? null : holder.setup().host();
    }

    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        super.close();
        calls.endAll(Cause.OWNER_LOST, "the owner's dsmd is stopping");
        slots.all().forEach(calls::discount);
        if (bounded != null) {
            bounded.close();
        }
        context.tables().give(core.tableBytes());
        source.close();
        closeBook();
    }

    private void closeBook() {
        if (book == null) {
            return;
        }
        try {
            book.close();
            if (deleted) {
                book.delete();
            }
        } catch (IOException e) {
            LOG.warn("region {}: {}", record().name(), Reasons.of(e));
        }
    }

    // ---- remote writers ------------------------------------------------------------------------------------------

    @Override
    public void upgrade(int slot, int request, long page, int grantNumber) {
        HomeCircuit to = slots.get(slot);
        if (to != null) {
            HomeMessages.upgraded(to.circuit(), request, page, grantNumber);
        }
    }

    @Override
    public void recall(int slot, long page, Right left, int operation) {
        HomeCircuit to = slots.get(slot);
        if (to != null) {
            HomeMessages.recall(to.circuit(), page, left, operation);
        }
    }

    @Override
    public int store(long firstPage, int count) {
        return incoming.store(source, firstPage, count);
    }

    @Override
    public void acknowledge(int slot, long firstPage, int count, int grantNumber, int cause) {
        HomeCircuit to = slots.get(slot);
        if (to != null) {
            HomeMessages.acknowledged(to.answers(), firstPage, count, grantNumber, cause);
        }
    }

    @Override
    public void holds(int slot, long firstPage, int count, int grantNumber) {
        if (book != null) {
            book.holds(slot, firstPage, count, grantNumber);
        }
    }

    @Override
    public void home(long firstPage, int count) {
        if (book != null) {
            book.home(firstPage, count);
        }
    }

    @Override
    public void lost(long firstPage, int count, int slot) {
        if (book != null) {
            book.doubt(slot);
        }
        HomeCircuit holder = slots.get(slot);
        losses.add(firstPage, count, holder == null ? "unknown" : holder.setup().host());
    }

    /** Tells the programs of this host and the other hosts. */
    private void tellLost(long firstPage, int count, String holder) {
        tellLost(firstPage, count);
        calls.lost(firstPage, count, holder);
        for (HomeCircuit circuit : slots.all()) {
            HomeMessages.lost(circuit.circuit(), firstPage, count, holder);
        }
    }

    @Override
    public int reserveForWrite(long firstPage, int count) {
        try {
            source.reserve(firstPage * record().pageSize(), (long) count * record().pageSize());
            return 0;
        } catch (IOException e) {
            String reason = Reasons.of(e);
            if (!reason.equals(why(FaultCause.FILE_ERROR))) { // said once
                LOG.warn("region {}: {}", record().name(), reason);
            }
            explain(FaultCause.FILE_ERROR, reason);
            return Cause.FILE_ERROR;
        }
    }

    @Override
    public int applyPublished(int slot, long page) {
        return sync.apply(slot, page);
    }

    @Override
    public void published(int slot, long page, int cause) {
        sync.applied(slot, page, cause);
    }

    @Override
    public void discard(long firstPage, int count) {
        memory.discard(firstPage, count);
    }

    @Override
    public int spill(long page) {
        return memory.spill(page);
    }

    @Override
    public int load(long page, int sector) {
        return memory.load(page, sector);
    }

    @Override
    public void forget(int sector) {
        memory.forget(sector);
    }
}
