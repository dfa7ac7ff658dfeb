package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.pagewire.core.Cause;
import io.pagewire.core.FrameBudget;
import io.pagewire.core.FramePort;
import io.pagewire.core.Geometry;
import io.pagewire.core.HomeLease;
import io.pagewire.core.HomePort;
import io.pagewire.core.HomeRegion;
import io.pagewire.core.HomeSettings;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitServer;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.config.Deadlines;
import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.memory.PageMemory;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
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
    private final PageMemory bounded; // null for an exported file
    private final FramePort memory;
    private final PageSender sender;
    private final CircuitSlots slots = new CircuitSlots();
    private final Deadlines deadlines;
    private OwnerRecord claim;
    private boolean suspended;
    private boolean claimLost;
    private boolean deleted;
    private long leaseEndNs;

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
        super(context, record, loop);
        this.source = source;
        this.claim = claim;
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
                        defaults.writeRunPages()),
                bounded == null ? FrameBudget.UNLIMITED : bounded.budget());
        sender = new PageSender(source, record.pageSize());
        long now = System.nanoTime();
        leaseEndNs = now + deadlines.directorySessionMs() * MS / 2;
        leaseUntil(Sys.bootTimeNs() + deadlines.directorySessionMs() * MS / 2);
        if (restarted) {
            core.suspend(Cause.FENCED, now);
            core.resume(now, now + deadlines.homeMs() * MS);
        }
    }

    /** Starts the timer; call on the loop. */
    public void start() {
        startTicking();
    }

    public HomeRegion core() {
        return core;
    }

    public OwnerRecord claim() {
        return claim;
    }

    public boolean isSuspended() {
        return suspended;
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
        return claim.epoch();
    }

    @Override
    protected Right highestRight() {
        return source.writable() ? Right.WRITE : Right.READ;
    }

    @Override
    protected int framesForPrograms() {
        return source.descriptor();
    }

    @Override
    protected Right coreMappingOpened(int mapping, Right highest) {
        return core.mappingOpened(mapping, highest);
    }

    @Override
    protected void coreMappingGone(int mapping, long now) {
        core.mappingGone(mapping, now);
        closeIfDeleted();
    }

    @Override
    protected void onOpen(LocalProcess process) {
        // Who may connect to the daemon at all may use what it owns.
    }

    @Override
    protected void onIdle() {
        // The region lives on without programs: its bytes are here.
    }

    @Override
    public void connectEagerly(Consumer<ControlReply> done) {
        done.accept(null);
    }

    // ---- local programs ------------------------------------------------------------------------------------------

    @Override
    public void fault(Mapping mapping, int line, int requestId, long page, int wanted) {
        long now = System.nanoTime();
        suspendIfLeaseOver(now);
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
    }

    // ---- other hosts ---------------------------------------------------------------------------------------------

    /** Decides about a call (SPEC: V2). The circuit lives on this loop already. */
    @Override
    public void call(Circuit circuit, SetupRequest setup, int circuitId, int incarnation, long epoch) {
        long now = System.nanoTime();
        suspendIfLeaseOver(now);
        circuit.bind(circuitId, incarnation, epoch);
        Refusal refusal = CallPolicy.refusal(context, this, setup, epoch);
        if (refusal != null) {
            if (refusal.ownerIsStale()) {
                suspend(now);
            }
            LOG.info("region {}: call of host {} refused: {}", record().name(), setup.host(), refusal.text());
            circuit.sendLast(PeerLayout.REFUSE, refusal.cause().code(), refusal.text());
            return;
        }
        int slot = slots.slotOf(setup.session());
        HomeCircuit earlier = slots.get(slot);
        if (earlier != null && incarnation - earlier.circuit().incarnation() <= 0) {
            // The network held this call back while its daemon gave it up and called again. To accept it would be to
            // forget
            // what the newer circuit holds.
            circuit.sendLast(PeerLayout.REFUSE, Cause.OWNER_LOST, "a newer call of this daemon has been accepted");
            return;
        }
        if (earlier == null && !context.peers().add(setup.session())) {
            String text = "host " + context.host() + " has circuits to "
                    + context.settings().maxPeers() + " other daemons already (setting circuits.max-peers there)";
            circuit.sendLast(PeerLayout.REFUSE, Cause.REFUSED, text);
            return;
        }
        if (earlier != null) {
            // Rule 1: the client took all rights and dropped all copies before it called again.
            earlier.end("host " + setup.host() + " has set up this circuit anew");
            core.hostGone(slot, now);
        }
        HomeCircuit accepted = new HomeCircuit(this, circuit, setup, slot, new HomeLease(deadlines.homeMs() * MS, now));
        slots.put(slot, accepted);
        circuit.events(accepted);
        core.hostJoined(slot, circuitId, true, now);
        ByteBuf message = circuit.begin(PeerLayout.ACCEPT, PeerLayout.ACCEPT_LENGTH);
        message.writeLongLE(record().span()).writeIntLE(record().pageSize()).writeIntLE(deadlines.homeMs());
        circuit.send(message);
        LOG.info("region {}: circuit {} with host {} is up", record().name(), circuitId, setup.host());
    }

    String fetch(boolean ahead, int slot, int request, long first, int count, long now) {
        suspendIfLeaseOver(now);
        return ahead ? core.fetchAhead(slot, request, first, count, now) : core.fetch(slot, request, first, count, now);
    }

    /** The client left in order: it holds nothing any more. */
    void clientLeft(HomeCircuit circuit, Reason reason) {
        LOG.info("region {}: host {} left: {}", record().name(), circuit.setup().host(), reason.text());
        over(circuit, "the client left");
    }

    /** The connection broke: what the client holds runs out by itself, at the latest at home's deadline. */
    void connectionLost(HomeCircuit circuit, String reason) {
        LOG.info(
                "region {}: circuit with host {} is lost: {}",
                record().name(),
                circuit.setup().host(),
                reason);
    }

    private void over(HomeCircuit circuit, String reason) {
        circuit.end(reason);
        slots.clear(circuit.slot());
        context.peers().remove(circuit.setup().session());
        core.hostGone(circuit.slot(), System.nanoTime());
    }

    @Override
    public int sendPages(
            int slot, int request, long first, int count, int grantNumber, boolean last, boolean exclusive) {
        HomeCircuit to = slots.get(slot);
        if (to == null || !to.circuit().isOpen()) {
            return SENT; // The connection is lost; the host is cleared from every copyset when its deadline has passed.
        }
        int result = sender.send(to.circuit(), request, first, count, grantNumber, last);
        if (result == WARMING) {
            warm(first, count);
        }
        return result;
    }

    private void warm(long first, int count) {
        long offset = first * record().pageSize();
        int length = (int) Math.min((long) count * record().pageSize(), 1 << 30);
        context.slow().execute(() -> {
            int cause = source.warm(offset, length);
            loop().execute(() -> {
                if (!isClosed()) {
                    core.dataReady(first, cause, System.nanoTime());
                }
            });
        });
    }

    @Override
    public void decline(int slot, int request, long first, int count, int cause) {
        HomeCircuit to = slots.get(slot);
        if (to != null) {
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
        HomeCircuit to = slots.get(slot);
        if (to != null) {
            LOG.warn(
                    "region {}: host {} keeps its circuit alive but does not answer a purge; hung up",
                    record().name(),
                    to.setup().host());
            to.circuit().sendLast(PeerLayout.BYE, cause, "a purge was not answered within the home deadline");
            to.end("a purge was not answered");
        }
    }

    // ---- the owner's own lease -----------------------------------------------------------------------------------

    /** The directory session cannot end before this moment (ns of CLOCK_BOOTTIME). */
    public void leaseExtended(long endBootNs) {
        long now = System.nanoTime();
        leaseEndNs = now + (endBootNs - Sys.bootTimeNs());
        if (leaseEndNs - now <= 0) {
            return;
        }
        if (claimLost || deleted) {
            return;
        }
        leaseUntil(endBootNs);
        if (suspended) {
            suspended = false;
            core.resume(now, now);
        }
    }

    /** The directory session ended and the claim with it: nothing is served before it is made anew. */
    public void claimExpired() {
        claimLost = true;
        suspend(System.nanoTime());
    }

    /** The directory is out of reach: take all access away while the session is still ours. */
    public void directoryLost() {
        suspend(System.nanoTime());
    }

    /** The claim was made anew with a later epoch: circuits of the earlier one are over. */
    public void claimed(OwnerRecord anew) {
        claimLost = false;
        if (anew.epoch() != claim.epoch()) {
            claim = anew;
            for (HomeCircuit circuit : slots.all()) {
                circuit.circuit()
                        .sendLast(PeerLayout.BYE, Cause.NO_OWNER, "the owner has claimed the region anew; call again");
            }
        }
    }

    private void suspendIfLeaseOver(long now) {
        if (!suspended && now - leaseEndNs >= 0) {
            suspend(now);
        }
    }

    private void suspend(long now) {
        if (suspended) {
            return;
        }
        suspended = true;
        leaseUntil(0);
        explain(
                FaultCause.FENCED,
                "this host cannot confirm with the directory "
                        + context.directory().connectString() + " that it still owns region " + record().name()
                        + "; access returns when the directory answers");
        core.suspend(Cause.FENCED, now);
    }

    // ---- time, end -----------------------------------------------------------------------------------------------

    @Override
    protected void onTick(long now) {
        suspendIfLeaseOver(now);
        for (HomeCircuit circuit : slots.all()) {
            if (circuit.lease().expired(now)) {
                LOG.warn(
                        "region {}: host {} was silent for {} ms; its copies count as gone",
                        record().name(),
                        circuit.setup().host(),
                        deadlines.homeMs());
                over(circuit, "no heartbeat within the home deadline");
            }
        }
        core.tick(now);
        if (bounded != null) {
            bounded.tick();
        }
    }

    @Override
    public void deleted() {
        if (deleted) {
            return;
        }
        deleted = true;
        explain(FaultCause.UNKNOWN_REGION, "region " + record().name() + " has been deleted");
        core.fail(Cause.UNKNOWN_REGION, System.nanoTime());
        for (HomeCircuit circuit : slots.all()) {
            circuit.circuit().sendLast(PeerLayout.BYE, Cause.UNKNOWN_REGION, "the region has been deleted");
        }
        closeIfDeleted();
    }

    /** A deleted region's frames go when the last program has let go of them. */
    private void closeIfDeleted() {
        if (deleted && mappingCount() == 0) {
            loop().schedule(this::close, 1, TimeUnit.SECONDS);
        }
    }

    /** Writes an exported file's changes to disk; blocks. */
    public void force() throws IOException {
        source.force();
    }

    public Kind kind() {
        return record().kind();
    }

    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        super.close();
        for (HomeCircuit circuit : slots.all()) {
            circuit.circuit().sendLast(PeerLayout.BYE, Cause.OWNER_LOST, "the owner's dsmd is stopping");
            context.peers().remove(circuit.setup().session());
        }
        if (bounded != null) {
            bounded.close();
        }
        source.close();
    }

    @Override
    public void upgrade(int slot, int request, long page, int grantNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void recall(int slot, long page, Right left, int operation) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int store(long firstPage, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void acknowledge(int slot, long firstPage, int count, int grantNumber, int cause) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void lost(long firstPage, int count, int slot) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int reserveForWrite(long firstPage, int count) {
        return 0;
    }

    @Override
    public int applyPublished(int slot, long page) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void published(int slot, long page, int cause) {
        throw new UnsupportedOperationException();
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
