package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.pagewire.core.Cause;
import io.pagewire.core.ClientPort;
import io.pagewire.core.ClientRegion;
import io.pagewire.core.ClientSettings;
import io.pagewire.core.Geometry;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.config.Deadlines;
import io.pagewire.daemon.directory.OwnerListener;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A region that another host owns: fetches pages over its circuit, keeps them in frames of its own, gives them back when home
 * asks. The circuit is set up by the first fault and kept by heartbeats (SPEC: V1, V4, V13).
 *
 * <p>Belongs to the region's event loop.
 */
public final class ClientRuntime extends RegionRuntime implements ClientPort, OwnerListener {
    private static final Logger LOG = LoggerFactory.getLogger(ClientRuntime.class);
    private static final long MS = 1_000_000L;
    private static final int ANSWER_MS = 1500;
    private static final int TYPE_DEMAND = 1;

    private final ClientRegion core;
    private final Frames frames;
    private final Deadlines deadlines;
    private final Consumer<ClientRuntime> onClosed;
    private final List<Consumer<ControlReply>> eager = new ArrayList<>();
    private ClientCircuit circuit;
    private ScheduledFuture<?> patience;
    private String peerHost;
    private int circuitId;
    private int attempt;
    private int user;

    public ClientRuntime(RegionContext context, RegionRecord record, EventLoop loop, Consumer<ClientRuntime> onClosed)
            throws IOException {
        super(context, record, loop);
        this.onClosed = onClosed;
        this.deadlines = context.settings().deadlines();
        Geometry geometry = new Geometry(record.span() / record.pageSize(), record.pageSize());
        int window = (int) Math.max(1, context.settings().readAheadBytes() / record.pageSize());
        core = new ClientRegion(
                geometry,
                this,
                this,
                new ClientSettings(
                        deadlines.revokeMs() * MS,
                        deadlines.faultAnswerMs() * MS,
                        window,
                        ClientSettings.defaults(geometry).retryNs()));
        frames = Frames.create("pagewire:" + record.name(), record.span());
    }

    /** Starts the timer and watches the owner; call on the loop. */
    public void start() {
        startTicking();
        context.directory().watch(record().id(), this);
    }

    public ClientRegion core() {
        return core;
    }

    int user() {
        return user;
    }

    ClientCircuit circuit() {
        return circuit;
    }

    @Override
    protected boolean isHome() {
        return false;
    }

    @Override
    protected long epoch() {
        return circuit == null ? 0 : circuit.owner().epoch();
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
        user = process.uid();
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
            return;
        }
        eager.add(done);
        core.connectNow(System.nanoTime());
    }

    private void eagerDone(ControlReply outcome) {
        List<Consumer<ControlReply>> waiting = List.copyOf(eager);
        eager.clear();
        waiting.forEach(done -> done.accept(outcome));
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

    // ---- call setup ----------------------------------------------------------------------------------------------

    @Override
    public void resolve() {
        int mine = ++attempt;
        CallSetup.start(context.directory(), record().id(), loop(), context.slow(), new CallSetup.Outcome() {
            @Override
            public void connected(OwnerRecord owner, Circuit connected) {
                if (mine == attempt && !isClosed()) {
                    call(owner, connected);
                } else {
                    connected.close("nobody waits for this call any more");
                }
            }

            @Override
            public void failed(FaultCause cause, String text) {
                if (mine == attempt && !isClosed()) {
                    callFailed(cause, text);
                }
            }
        });
    }

    /** Calls the owner over a connection that stands. */
    void call(OwnerRecord owner, Circuit connected) {
        if (!owner.host().equals(peerHost)) {
            peerHost = owner.host();
            circuitId = context.peerNumbers().next(peerHost);
            if (circuitId == 0) {
                connected.close("no circuit id is left");
                callFailed(FaultCause.NO_MEMORY, "all circuit ids are used up; restart dsmd");
                return;
            }
        }
        long now = Sys.bootTimeNs();
        ClientCircuit calling =
                new ClientCircuit(this, owner, deadlines.heartbeatMs() * MS, deadlines.clientLeaseMs() * MS, now);
        calling.connected(connected);
        connected.bind(circuitId, context.nextIncarnation(), owner.epoch());
        connected.events(calling);
        circuit = calling;
        RegionRecord region = record();
        new SetupRequest(
                        context.session(),
                        region.id(),
                        region.base(),
                        region.span(),
                        region.pageSize(),
                        user,
                        context.directory().incarnation(),
                        TYPE_DEMAND,
                        Right.READ.code(),
                        0,
                        deadlines.clientLeaseMs(),
                        context.host(),
                        region.name())
                .send(connected);
        patience = loop().schedule(
                        () -> {
                            if (circuit == calling && !calling.isUp()) {
                                calling.end(Cause.DEADLINE, "no answer to the call");
                                circuit = null;
                                callFailed(
                                        FaultCause.OWNER_LOST,
                                        "host " + owner.host() + " at " + owner.address() + ":" + owner.port()
                                                + " did not answer the call within " + ANSWER_MS + " ms");
                            }
                        },
                        ANSWER_MS,
                        TimeUnit.MILLISECONDS);
    }

    private void callFailed(FaultCause cause, String text) {
        explain(cause, text);
        LOG.info("region {}: no circuit: {}", record().name(), text);
        eagerDone(ControlReply.failed(statusOf(cause), "region " + record().name() + ": " + text));
        core.circuitFailed(cause.code(), System.nanoTime());
    }

    private static LocalStatus statusOf(FaultCause cause) {
        return switch (cause) {
            case REFUSED, READ_ONLY -> LocalStatus.REFUSED;
            case UNKNOWN_REGION -> LocalStatus.UNKNOWN_REGION;
            case DATA_LOST -> LocalStatus.DATA_LOST;
            case DIRECTORY_UNREACHABLE -> LocalStatus.DIRECTORY_UNREACHABLE;
            default -> LocalStatus.OWNER_LOST;
        };
    }

    /** Null when what home says about the region is what the directory says. */
    String acceptable(long span, int pageSize, int homeDeadlineMs) {
        if (span != record().span() || pageSize != record().pageSize()) {
            return "the owner serves " + span + " bytes in pages of " + pageSize + ", the directory says "
                    + record().span() + " in pages of " + record().pageSize();
        }
        if (homeDeadlineMs < deadlines.clientLeaseMs() + deadlines.revokeMs()) {
            return "the owner's home deadline of " + homeDeadlineMs + " ms is shorter than this host's lease and revoke"
                    + " deadline together";
        }
        return null;
    }

    void accepted(ClientCircuit which) {
        patience.cancel(false);
        leaseUntil(which.leaseEndBootNs());
        LOG.info("region {}: circuit {} with host {} is up", record().name(), circuitId, peerHost);
        core.circuitUp(circuitId, System.nanoTime());
        eagerDone(null);
    }

    void refused(ClientCircuit which, Reason reason) {
        patience.cancel(false);
        circuit = null;
        callFailed(reason.cause(), "host " + which.owner().host() + " refused: " + reason.text());
    }

    void leaseMoved(ClientCircuit which) {
        if (which == circuit) {
            leaseUntil(which.leaseEndBootNs());
        }
    }

    /** The circuit broke, before or after it was up. */
    void lost(ClientCircuit which, FaultCause cause, String text) {
        if (which != circuit) {
            return;
        }
        circuit = null;
        String reason = "the circuit to host " + which.owner().host() + " is lost: " + text;
        if (patience != null) {
            patience.cancel(false);
        }
        if (core.isUp()) {
            explain(cause, reason);
            LOG.info("region {}: {}", record().name(), reason);
            leaseUntil(0);
            core.circuitLost(cause.code(), System.nanoTime());
        } else {
            callFailed(cause, reason);
        }
    }

    // ---- ClientPort: what the core asks of the circuit -----------------------------------------------------------

    @Override
    public void fetch(int request, long firstPage, int count) {
        ask(PeerLayout.FETCH, request, firstPage, count);
    }

    @Override
    public void fetchAhead(int request, long firstPage, int count) {
        ask(PeerLayout.AHEAD, request, firstPage, count);
    }

    private void ask(int type, int request, long firstPage, int count) {
        Circuit to = circuit.circuit();
        ByteBuf message = to.begin(type, PeerLayout.RUN_LENGTH);
        to.send(message.writeIntLE(request).writeIntLE(count).writeLongLE(firstPage));
    }

    @Override
    public void purged(long firstPage, int count, int operation) {
        if (circuit != null) {
            circuit.circuit().sendRange(PeerLayout.PURGED, firstPage, count, operation);
        }
    }

    @Override
    public void release(long firstPage, int count, int grantNumber) {
        if (circuit != null) {
            circuit.circuit().sendRange(PeerLayout.RELEASE, firstPage, count, grantNumber);
        }
    }

    @Override
    public void discard(long firstPage, int count) {
        // After a lost circuit the same pages are nearly always wanted again and overwrite their frames; what is not
        // wanted
        // again goes with the mapping. Only pages that were dropped by our own wish are given back one by one.
        if (count < record().span() / record().pageSize()) {
            frames.discard(firstPage * record().pageSize(), (long) count * record().pageSize());
        }
    }

    @Override
    public void hangUp(int cause) {
        if (circuit != null) {
            ClientCircuit old = circuit;
            circuit = null;
            leaseUntil(0);
            old.end(cause, FaultCause.of(cause).text());
        }
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
        String problem = core.arriving(request, first, count);
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
        core.arrived(request, first, count, grant, last, now);
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
            if (!isClosed()
                    && circuit != null
                    && circuit.isUp()
                    && owner.epoch() > circuit.owner().epoch()) {
                ClientCircuit old = circuit;
                old.end(Cause.NO_OWNER, "the region has a later owner");
                lost(old, FaultCause.NO_OWNER, "the region has a later owner, host " + owner.host());
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
        if (circuit != null && circuit.isUp() && !circuit.beat()) {
            ClientCircuit silent = circuit;
            silent.end(Cause.OWNER_LOST, "no echo within the client's lease");
            lost(silent, FaultCause.OWNER_LOST, "no answer to heartbeats within " + deadlines.clientLeaseMs() + " ms");
        }
        core.tick(now);
    }

    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        super.close();
        attempt++;
        if (patience != null) {
            patience.cancel(false);
        }
        if (circuit != null) {
            if (mappingCount() == 0) {
                circuit.leave("no program of host " + context.host() + " maps the region any more");
            } else {
                circuit.end(Cause.OWNER_LOST, "dsmd on host " + context.host() + " is stopping");
            }
            circuit = null;
        }
        context.directory().unwatch(record().id(), this);
        frames.close();
        onClosed.accept(this);
    }
}
