package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.pagewire.core.Cause;
import io.pagewire.core.ClientDeparture;
import io.pagewire.core.ClientPort;
import io.pagewire.core.ClientRegion;
import io.pagewire.core.ClientSettings;
import io.pagewire.core.Geometry;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.config.Deadlines;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.memory.MemoryFrames;
import io.pagewire.daemon.memory.PageMemory;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A region that another host owns: fetches pages over its circuit, keeps them in frames of its own, gives them back when home
 * asks. The circuit is set up by the first fault and kept by heartbeats (SPEC: V1, V4, V13).
 *
 * <p>Belongs to the region's event loop.
 */
public final class ClientRuntime extends CallingRuntime implements ClientPort {
    private static final long MS = 1_000_000L;

    private final ClientRegion core;
    private final MemoryFrames frames;
    private final PageMemory memory;
    private final Consumer<ClientRuntime> onClosed;
    private final ClientForces forces;
    private final ClientMessages messages;
    private final ClientEnd end;
    private final List<Runnable> whenClosed = new ArrayList<>();
    private Right wanted = Right.READ;

    public ClientRuntime(RegionContext context, RegionRecord record, EventLoop loop, Consumer<ClientRuntime> onClosed)
            throws IOException {
        super(context, record, loop);
        this.onClosed = onClosed;
        Deadlines deadlines = context.settings().deadlines();
        Geometry geometry = new Geometry(record.span() / record.pageSize(), record.pageSize());
        int window = (int) Math.max(1, context.settings().readAheadBytes() / record.pageSize());
        frames = MemoryFrames.create("pagewire:" + record.name(), record.span());
        memory = new PageMemory(context.memory(), frames, record.pageSize(), loop, false, CoreMemory.of(this));
        core = new ClientRegion(
                geometry,
                this,
                this,
                new ClientSettings(
                        deadlines.revokeMs() * MS,
                        deadlines.faultAnswerMs() * MS,
                        window,
                        ClientSettings.defaults(geometry).retryNs(),
                        (deadlines.faultAnswerMs() + deadlines.homeMs()) * MS,
                        record.anyWriter(),
                        context.settings().writeback().forPages(record.pageSize())),
                memory.budget(),
                context.tables());
        forces = new ClientForces(this, deadlines.stallMs() * MS);
        messages = new ClientMessages(this, frames, forces);
        end = new ClientEnd(this, deadlines.stallMs());
    }

    /** Starts the timer and watches the owner; call on the loop. */
    public void start() {
        startTicking();
        context.directory().watch(record().id(), this);
    }

    public ClientRegion core() {
        return core;
    }

    @Override
    int sharingType() {
        return CallPolicy.sharingType(record());
    }

    @Override
    Right wantedRight() {
        return wanted;
    }

    @Override
    protected Right highestRight() {
        return record().anyWriter() ? Right.WRITE : Right.READ;
    }

    @Override
    protected int framesForPrograms(Right highest) {
        return highest == Right.WRITE ? frames.descriptor() : frames.readOnlyDescriptor();
    }

    @Override
    protected Right coreMappingOpened(int mapping, Right highest) {
        return core.mappingOpened(mapping, highest);
    }

    @Override
    protected void coreMappingGone(int mapping, long now) {
        core.mappingGone(mapping, now);
    }

    /** The next call is made for this user; a circuit that is up keeps the user it was set up for. */
    @Override
    protected void onOpen(LocalProcess process, Right highest) {
        end.callOff();
        calls().user(process.uid());
        if (highest.compareTo(wanted) > 0) {
            wanted = highest;
            calls().renewIfLess();
        }
    }

    /** No program maps the region any more: the circuit is given up and with it the copies, once what was written is home. */
    @Override
    protected void onIdle() {
        end.begin(System.nanoTime());
    }

    /** The daemon stops: nothing more is granted, and the region ends once what was written is home. */
    @Override
    public void shutDown(Consumer<Boolean> done) {
        if (isClosed()) {
            done.accept(true);
            return;
        }
        whenClosed.add(() -> done.accept(!end.failed()));
        end.stop(System.nanoTime());
    }

    @Override
    public void giveUp(String why) {
        end.giveUp(why);
    }

    /** What the process whose mapping was the last here can ask; null when there is nothing to wait for. */
    public Leaving leaving() {
        return end.leaving();
    }

    @Override
    Leaving.Report outcome() {
        return end.outcome();
    }

    ClientEnd end() {
        return end;
    }

    @Override
    public void connectEagerly(Consumer<ControlReply> done) {
        if (core.isUp()) {
            done.accept(null);
        } else {
            calls().tellOutcome(done);
            core.connectNow(System.nanoTime());
        }
    }

    // ---- programs ------------------------------------------------------------------------------------------------

    @Override
    public void fault(Mapping mapping, int line, int requestId, long page, int wanted) {
        if (end.isStopping()) {
            mapping.fail(line, requestId, page, Cause.DAEMON_LOST);
            return;
        }
        core.localFault(mapping.index(), line, requestId, page, Right.of(wanted), System.nanoTime());
    }

    @Override
    public void force(Mapping by, long firstPage, int count, Consumer<ControlReply> done) {
        if (!record().anyWriter() || wanted != Right.WRITE) {
            done.accept(ControlReply.ok()); // No program of this host could write, so there is nothing to bring home.
        } else if (isClosed() || end.isStopping()) {
            done.accept(ControlReply.failed(LocalStatus.OWNER_LOST, "dsmd is stopping"));
        } else {
            forces.force(firstPage, count, done);
        }
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
    }

    // ---- ClientPort: what the core asks of the circuit -----------------------------------------------------------

    @Override
    public void resolve() {
        calls().resolve();
    }

    @Override
    public void fetch(int request, long firstPage, int count) {
        ask(PeerLayout.FETCH, request, firstPage, count);
        frames.reserve(firstPage * record().pageSize(), record().pageSize());
    }

    @Override
    public void fetchAhead(int request, long firstPage, int count) {
        ask(PeerLayout.AHEAD, request, firstPage, count);
    }

    private void ask(int type, int request, long firstPage, int count) {
        Circuit to = circuit().circuit();
        circuit().outbox().before(firstPage, count);
        ByteBuf message = to.begin(type, PeerLayout.RUN_LENGTH);
        to.send(message.writeIntLE(request).writeIntLE(count).writeLongLE(firstPage));
    }

    @Override
    public void purged(long firstPage, int count, int operation) {
        if (circuit() != null) {
            circuit().outbox().before(firstPage, count);
            circuit().circuit().sendRange(PeerLayout.PURGED, firstPage, count, operation);
        }
    }

    @Override
    public void release(long firstPage, int count, int grantNumber) {
        if (circuit() != null) {
            circuit().outbox().before(firstPage, count);
            circuit().circuit().sendRange(PeerLayout.RELEASE, firstPage, count, grantNumber);
        }
    }

    @Override
    public void discard(long firstPage, int count) {
        // After a lost circuit the same pages are nearly always wanted again and overwrite their frames; what is not
        // wanted
        // again goes with the mapping. Without a bound only pages that were dropped by our own wish are given back.
        if (memory.limited() || count < record().span() / record().pageSize()) {
            memory.discard(firstPage, count);
        }
    }

    @Override
    public void hangUp(int cause) {
        calls().hangUp(cause);
    }

    // ---- the circuit ---------------------------------------------------------------------------------------------

    @Override
    boolean isUp() {
        return core.isUp();
    }

    @Override
    void circuitMoved(long now) {
        core.moved(now);
        largePageMoves();
        end.moved(now);
        forces.moved(now);
    }

    @Override
    void circuitUp(int circuitId) {
        core.circuitUp(circuitId, System.nanoTime());
    }

    @Override
    void circuitFailed(FaultCause cause) {
        core.circuitFailed(cause.code(), System.nanoTime());
    }

    @Override
    void circuitLost(FaultCause cause) {
        core.circuitLost(cause.code(), System.nanoTime());
    }

    @Override
    void leaseMoved(long endBootNs) {
        leaseUntil(endBootNs);
    }

    @Override
    ClientOutbox outbox(Circuit connected) {
        return new ClientOutbox(connected, frames, record().pageSize());
    }

    @Override
    boolean keepsBytes() {
        return core.keepsBytes();
    }

    @Override
    void handBack() {
        core.handBack(System.nanoTime());
    }

    // ---- messages of home ----------------------------------------------------------------------------------------

    @Override
    String message(int type, ByteBuf bytes, int at, int length) {
        return messages.message(type, bytes, at, length);
    }

    @Override
    public void deleted() {
        if (!isClosed()) {
            explain(FaultCause.UNKNOWN_REGION, "region " + record().name() + " has been deleted");
            core.fail(Cause.UNKNOWN_REGION, System.nanoTime());
        }
    }

    // ---- time, end -----------------------------------------------------------------------------------------------

    @Override
    protected void onTick(long now) {
        calls().beat();
        core.tick(now);
        memory.tick();
        losses().tick();
        forces.tick(now);
        end.tick(now);
    }

    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        // Home need not wait only for a host that has neither rights nor written pages left.
        boolean nothingLeft = mappingCount() == 0 && !core.hasWritten();
        super.close();
        forces.close();
        calls().close(nothingLeft);
        context.directory().unwatch(record().id(), this);
        memory.close();
        frames.close();
        context.tables().give(core.tableBytes());
        onClosed.accept(this);
        whenClosed.forEach(Runnable::run);
    }

    // ---- remote writers ------------------------------------------------------------------------------------------

    @Override
    public void want(int request, long firstPage, int count, int heldGrant) {
        circuit().outbox().before(firstPage, count);
        Circuit to = circuit().circuit();
        ByteBuf message = to.begin(PeerLayout.WANT, PeerLayout.WANT_LENGTH);
        message.writeIntLE(request).writeIntLE(count).writeLongLE(firstPage);
        to.send(message.writeIntLE(heldGrant).writeIntLE(0));
        if (heldGrant == 0) {
            frames.reserve(firstPage * record().pageSize(), record().pageSize());
        }
    }

    @Override
    public void recalled(long page, int operation, Right left, boolean bytes, int grantNumber) {
        if (circuit() != null) {
            circuit().outbox().recalled(page, operation, left, bytes, grantNumber);
        }
    }

    @Override
    public void writeBack(long firstPage, int count, Right left, int grantNumber) {
        if (circuit() != null) {
            circuit().outbox().add(PeerLayout.WRITEBACK, firstPage, count, left, grantNumber);
        }
    }

    @Override
    public void handBack(long firstPage, int count, int grantNumber) {
        circuit().outbox().add(PeerLayout.HANDBACK, firstPage, count, Right.NONE, grantNumber);
    }

    @Override
    public void flushed(int token, int cause) {
        if (token == ClientDeparture.TOKEN) {
            end.flushed();
        } else {
            forces.flushed(token, cause);
        }
    }

    @Override
    public void lost(long firstPage, int count) {
        end.lost(firstPage, count);
        losses().add(firstPage, count, context.host());
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
