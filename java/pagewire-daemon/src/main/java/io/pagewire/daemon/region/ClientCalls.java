package io.pagewire.daemon.region;

import io.pagewire.core.Cause;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.config.Deadlines;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.sys.Addresses;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client region's circuit from the search for its owner to its end: one at a time, called for when somebody wants it, kept by
 * heartbeats, given up when the lease ends or a later owner appears (SPEC: V1, V13).
 *
 * <p>Belongs to the region's event loop.
 */
final class ClientCalls {
    private static final Logger LOG = LoggerFactory.getLogger(ClientCalls.class);
    private static final long MS = 1_000_000L;

    private final CallingRuntime region;
    private final RegionContext context;
    private final Deadlines deadlines;
    private final List<Consumer<ControlReply>> eager = new ArrayList<>();
    private ClientCircuit circuit;
    private ScheduledFuture<?> patience;
    private String peerHost;
    private int circuitId;
    private int attempt;
    private int user;
    private long progressNs;
    private String lastFailure;

    ClientCalls(CallingRuntime region, RegionContext context) {
        this.region = region;
        this.context = context;
        this.deadlines = context.settings().deadlines();
    }

    /** The circuit that is up or being set up, or null. */
    ClientCircuit circuit() {
        return circuit;
    }

    int user() {
        return user;
    }

    void user(int uid) {
        user = uid;
    }

    /** Gives a circuit up that was called for less than is needed now; the next fault calls anew. */
    void renewIfLess() {
        if (circuit != null && circuit.isUp() && region.wantedRight().compareTo(circuit.right()) > 0) {
            String reason = "a program of this host is going to write";
            ClientCircuit old = circuit;
            old.end(Cause.OWNER_LOST, reason);
            lost(old, FaultCause.OWNER_LOST, reason);
        }
    }

    /** Runs {@code done} once, after the next attempt: with null, or with the reason why it failed. */
    void tellOutcome(Consumer<ControlReply> done) {
        eager.add(done);
    }

    private void eagerDone(ControlReply outcome) {
        List<Consumer<ControlReply>> waiting = List.copyOf(eager);
        eager.clear();
        waiting.forEach(done -> done.accept(outcome));
    }

    /** Finds the owner and calls it; the core hears of the outcome. */
    void resolve() {
        int mine = ++attempt;
        CallSetup.start(
                context.directory(),
                region.record().id(),
                deadlines,
                region.loop(),
                context.slow(),
                new CallSetup.Outcome() {
                    @Override
                    public void connected(OwnerRecord owner, Circuit connected) {
                        if (mine == attempt && !region.isClosed()) {
                            call(owner, connected);
                        } else {
                            connected.close("nobody waits for this call any more");
                        }
                    }

                    @Override
                    public void failed(FaultCause cause, String text) {
                        if (mine == attempt && !region.isClosed()) {
                            callFailed(cause, text);
                        }
                    }
                });
    }

    /** Calls the owner over a connection that stands. */
    void call(OwnerRecord owner, Circuit connected) {
        if (!owner.host().equals(peerHost)) {
            peerHost = owner.host();
            circuitId = context.nextCircuitId(peerHost);
            if (circuitId == 0) {
                connected.close("no circuit id is left");
                callFailed(FaultCause.NO_MEMORY, "all circuit ids are used up; restart dsmd");
                return;
            }
        }
        long now = Sys.bootTimeNs();
        ClientCircuit calling = new ClientCircuit(
                region, this, owner, deadlines.heartbeatMs() * MS, deadlines.clientLeaseMs() * MS, now);
        calling.connected(connected, region.outbox(connected), region.wantedRight());
        connected.bind(circuitId, context.nextIncarnation(), owner.epoch());
        connected.paceBulk(context.wayTo(owner.host()));
        connected.events(calling);
        circuit = calling;
        RegionRecord called = region.record();
        boolean handsBack = region.keepsBytes();
        new SetupRequest(
                        context.session(),
                        called.id(),
                        called.base(),
                        called.span(),
                        called.pageSize(),
                        user,
                        context.directory().incarnation(),
                        region.sharingType(),
                        calling.right().code(),
                        0,
                        deadlines.clientLeaseMs(),
                        handsBack,
                        0,
                        context.host(),
                        called.name())
                .send(connected);
        progressNs = System.nanoTime();
        waitFor(calling, deadlines.callMs());
        if (handsBack) {
            region.handBack();
            calling.handBack();
        }
    }

    /** Home works on what is handed back to it: the call is not answered yet, but it is being dealt with. */
    void progressed(ClientCircuit which) {
        if (which == circuit) {
            progressNs = System.nanoTime();
        }
    }

    private void waitedFor(ClientCircuit calling) {
        if (circuit != calling || calling.isUp()) {
            return;
        }
        long leftNs = progressNs + deadlines.callMs() * MS - System.nanoTime();
        if (leftNs > 0) {
            waitFor(calling, leftNs / MS + 1);
            return;
        }
        circuit = null;
        OwnerRecord owner = calling.owner();
        try {
            calling.end(Cause.DEADLINE, "no answer to the call");
        } finally {
            callFailed(
                    FaultCause.OWNER_LOST,
                    "host " + owner.host() + " at " + Addresses.of(owner.address(), owner.port())
                            + " did not answer the call within " + deadlines.callMs() + " ms");
        }
    }

    private void waitFor(ClientCircuit calling, long ms) {
        String what = "giving up a call for region " + region.record().name();
        patience = Timers.after(region.loop(), ms, what, () -> waitedFor(calling));
    }

    private void callFailed(FaultCause cause, String text) {
        region.explain(cause, text);
        if (text.equals(lastFailure)) { // tried again while somebody waits; said once
            LOG.debug("region {}: still no circuit: {}", region.record().name(), text);
        } else {
            LOG.info("region {}: no circuit: {}", region.record().name(), text);
            lastFailure = text;
        }
        eagerDone(
                ControlReply.failed(statusOf(cause), "region " + region.record().name() + ": " + text));
        region.circuitFailed(cause);
    }

    static LocalStatus statusOf(FaultCause cause) {
        return switch (cause) {
            case REFUSED, READ_ONLY -> LocalStatus.REFUSED;
            case UNKNOWN_REGION -> LocalStatus.UNKNOWN_REGION;
            case DATA_LOST -> LocalStatus.DATA_LOST;
            case FILE_ERROR -> LocalStatus.FILE;
            case NO_MEMORY -> LocalStatus.LIMIT;
            case DEADLINE -> LocalStatus.TIMEOUT;
            case DIRECTORY_UNREACHABLE -> LocalStatus.DIRECTORY_UNREACHABLE;
            default -> LocalStatus.OWNER_LOST;
        };
    }

    /** Null when what home says about the region is what the directory says. */
    String acceptable(long span, int pageSize, int homeDeadlineMs) {
        if (span != region.record().span() || pageSize != region.record().pageSize()) {
            return "the owner serves " + span + " bytes in pages of " + pageSize + ", the directory says "
                    + region.record().span() + " in pages of " + region.record().pageSize();
        }
        if (homeDeadlineMs < deadlines.clientLeaseMs() + deadlines.revokeMs()) {
            return "the owner's home deadline of " + homeDeadlineMs + " ms is shorter than this host's lease and revoke"
                    + " deadline together";
        }
        return null;
    }

    void accepted(ClientCircuit which) {
        patience.cancel(false);
        region.leaseMoved(which.leaseEndBootNs());
        lastFailure = null;
        LOG.info("region {}: circuit {} with host {} is up", region.record().name(), circuitId, peerHost);
        region.circuitUp(circuitId);
        eagerDone(null);
        region.loop().execute(this::renewIfLess); // it may have been called for before a writer came
    }

    void refused(ClientCircuit which, Reason reason) {
        patience.cancel(false);
        circuit = null;
        callFailed(reason.cause(), "host " + which.owner().host() + " refused: " + reason.text());
    }

    void leaseMoved(ClientCircuit which) {
        if (which == circuit) {
            region.leaseMoved(which.leaseEndBootNs());
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
        if (region.isUp()) {
            region.explain(cause, reason);
            LOG.info("region {}: {}", region.record().name(), reason);
            region.leaseMoved(0);
            region.circuitLost(cause);
        } else {
            callFailed(cause, reason);
        }
    }

    /** Ends the circuit at the core's wish, which knows already what that means for its pages. */
    void hangUp(int cause) {
        if (circuit != null) {
            ClientCircuit old = circuit;
            circuit = null;
            region.leaseMoved(0);
            if (cause == Cause.DEADLINE) {
                LOG.warn(
                        "region {}: host {} keeps its circuit alive, but owes an answer for too long; hung up",
                        region.record().name(),
                        old.owner().host());
            }
            old.end(cause, FaultCause.of(cause).text());
        }
    }

    /** The directory names an owner; if it is a later one than we talk to, the circuit goes to the wrong host. */
    void ownerChanged(OwnerRecord owner) {
        if (circuit != null && circuit.isUp() && owner.epoch() > circuit.owner().epoch()) {
            ClientCircuit old = circuit;
            old.end(Cause.NO_OWNER, "the region has a later owner");
            lost(old, FaultCause.NO_OWNER, "the region has a later owner, host " + owner.host());
        }
    }

    /** Sends a heartbeat when one is due; gives the circuit up when none has been echoed for too long. */
    void beat() {
        if (circuit != null && circuit.isUp() && !circuit.beat()) {
            ClientCircuit silent = circuit;
            try {
                silent.end(Cause.OWNER_LOST, "no echo within the client's lease");
            } finally {
                String why = "no answer to heartbeats within " + deadlines.clientLeaseMs() + " ms";
                lost(silent, FaultCause.OWNER_LOST, why);
            }
        }
    }

    /** @param unused no program of this host has a right in the region any more, so home need not wait for the lease */
    void close(boolean unused) {
        attempt++;
        if (patience != null) {
            patience.cancel(false);
        }
        if (circuit != null) {
            if (unused) {
                circuit.leave("no program of host " + context.host() + " maps the region any more");
            } else {
                circuit.end(Cause.OWNER_LOST, "dsmd on host " + context.host() + " is stopping");
            }
            circuit = null;
        }
    }
}
