package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.pagewire.core.Cause;
import io.pagewire.core.ClientPort;
import io.pagewire.core.ClientRegion;
import io.pagewire.core.ClientSettings;
import io.pagewire.core.Geometry;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.config.Deadlines;
import io.pagewire.daemon.directory.OwnerListener;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.memory.MemoryFrames;
import io.pagewire.daemon.memory.PageMemory;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * A region that another host owns: fetches pages over its circuit, keeps them in frames of its own, gives them back when home
 * asks. The circuit is set up by the first fault and kept by heartbeats (SPEC: V1, V4, V13).
 *
 * <p>Belongs to the region's event loop.
 */
public final class ClientRuntime extends RegionRuntime implements ClientPort, OwnerListener {
    private static final long MS = 1_000_000L;

    private final ClientRegion core;
    private final MemoryFrames frames;
    private final PageMemory memory;
    private final Deadlines deadlines;
    private final Consumer<ClientRuntime> onClosed;
    private final ClientCalls calls;

    public ClientRuntime(RegionContext context, RegionRecord record, EventLoop loop, Consumer<ClientRuntime> onClosed)
            throws IOException {
        super(context, record, loop);
        this.onClosed = onClosed;
        this.deadlines = context.settings().deadlines();
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
                        ClientSettings.defaults(geometry).retryNs()),
                memory.budget());
        calls = new ClientCalls(this, context);
    }

    /** Starts the timer and watches the owner; call on the loop. */
    public void start() {
        startTicking();
        context.directory().watch(record().id(), this);
    }

    public ClientRegion core() {
        return core;
    }

    /** The user the circuit was, or will be, set up for. */
    int user() {
        return calls.user();
    }

    ClientCalls calls() {
        return calls;
    }

    /** Null when there is none. */
    ClientCircuit circuit() {
        return calls.circuit();
    }

    @Override
    protected boolean isHome() {
        return false;
    }

    @Override
    protected long epoch() {
        return circuit() == null ? 0 : circuit().owner().epoch();
    }

    @Override
    protected Right highestRight() {
        return Right.READ;
    }

    @Override
    protected int framesForPrograms() {
        return frames.readOnlyDescriptor();
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
    protected void onOpen(LocalProcess process) {
        calls.user(process.uid());
    }

    /** No program maps the region any more: the circuit is given up and with it the copies. */
    @Override
    protected void onIdle() {
        close();
    }

    @Override
    public void connectEagerly(Consumer<ControlReply> done) {
        if (core.isUp()) {
            done.accept(null);
        } else {
            calls.tellOutcome(done);
            core.connectNow(System.nanoTime());
        }
    }

    // ---- programs ------------------------------------------------------------------------------------------------

    @Override
    public void fault(Mapping mapping, int line, int requestId, long page, int wanted) {
        core.localFault(mapping.index(), line, requestId, page, Right.of(wanted), System.nanoTime());
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
        calls.resolve();
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
        ByteBuf message = to.begin(type, PeerLayout.RUN_LENGTH);
        to.send(message.writeIntLE(request).writeIntLE(count).writeLongLE(firstPage));
    }

    @Override
    public void purged(long firstPage, int count, int operation) {
        if (circuit() != null) {
            circuit().circuit().sendRange(PeerLayout.PURGED, firstPage, count, operation);
        }
    }

    @Override
    public void release(long firstPage, int count, int grantNumber) {
        if (circuit() != null) {
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
        calls.hangUp(cause);
    }

    // ---- messages of home ----------------------------------------------------------------------------------------

    String pages(ByteBuf bytes, int at, int length) {
        if (length < PeerLayout.PAGES_DATA) {
            return "PAGES of " + length + " bytes";
        }
        int request = bytes.getIntLE(at + PeerLayout.RUN_REQUEST);
        int count = bytes.getIntLE(at + PeerLayout.RUN_COUNT);
        long first = bytes.getLongLE(at + PeerLayout.RUN_FIRST);
        long data = (long) count * record().pageSize();
        if (count < 1 || data != length - PeerLayout.PAGES_DATA) {
            return "PAGES with " + count + " pages in " + length + " bytes";
        }
        String problem = core.arriving(request, first, count, false);
        if (problem != null) {
            return problem;
        }
        int grant = bytes.getIntLE(at + PeerLayout.PAGES_GRANT);
        boolean last = (bytes.getIntLE(at + PeerLayout.PAGES_FLAGS) & PeerLayout.PAGES_LAST) != 0;
        long now = System.nanoTime();
        if (!frames.write(bytes, at + PeerLayout.PAGES_DATA, (int) data, first * record().pageSize())) {
            explain(FaultCause.NO_MEMORY, "no memory for a frame of region " + record().name());
            return "this host has no memory for the frames";
        }
        core.arrived(request, first, count, grant, last, false, now);
        return null;
    }

    String declined(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.DECLINE_LENGTH) {
            return "DECLINE of " + length + " bytes";
        }
        int cause = bytes.getIntLE(at + PeerLayout.DECLINE_CAUSE);
        return core.declined(
                bytes.getIntLE(at + PeerLayout.RUN_REQUEST),
                bytes.getLongLE(at + PeerLayout.RUN_FIRST),
                bytes.getIntLE(at + PeerLayout.RUN_COUNT),
                cause == 0 ? 0 : FaultCause.of(cause).code(),
                System.nanoTime());
    }

    // ---- the owner, as the directory sees it ---------------------------------------------------------------------

    @Override
    public void ownerChanged(OwnerRecord owner) {
        loop().execute(() -> {
            if (!isClosed()) {
                calls.ownerChanged(owner);
            }
        });
    }

    @Override
    public void ownerGone(int regionId) {
        // The circuit tells sooner and surer whether the owner can still be reached.
    }

    @Override
    public void regionDeleted(int regionId) {
        loop().execute(this::deleted);
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
        calls.beat();
        core.tick(now);
        memory.tick();
    }

    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        super.close();
        calls.close(mappingCount() == 0);
        context.directory().unwatch(record().id(), this);
        memory.close();
        frames.close();
        onClosed.accept(this);
    }

    @Override
    public void want(int request, long firstPage, int count, int heldGrant) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void recalled(long page, int operation, Right left, boolean bytes, int grantNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void writeBack(long firstPage, int count, Right left, int grantNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void handBack(long firstPage, int count, int grantNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void flushed(int token, int cause) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void lost(long firstPage, int count) {
        throw new UnsupportedOperationException();
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
