package io.pagewire.daemon.stream;

import io.netty.channel.EventLoop;
import io.pagewire.core.Cause;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.config.Deadlines;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.region.CallSetup;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout.Setup;
import java.util.concurrent.ScheduledFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer host's end of a stream: calls the producer's host, receives frames into the slots it is given, calls again when the
 * circuit breaks and goes on where it was; gives up when that does not succeed within the drop deadline (SPEC: V1, V12, V13).
 *
 * <p>Belongs to the stream's event loop.
 */
final class Upstream {
    /** What the client stream does about it. Called on the stream's loop, never from within a call of this class's methods. */
    interface Events {
        /** The first circuit is up. Once. */
        void up(int dropMs);

        /** The slot holds this frame, whole. */
        void filled(int slot, long number, int length, long timeNs);

        /** The producer waits for a slot of this host. */
        void stalled();

        /** Nothing more comes: 0 = end of stream, else a cause. Once, the last call. */
        void ended(int cause, String reason);

        /** The circuit is down and called for again; for reports only. */
        void down(FaultCause cause, String reason);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);
    private static final long MS = 1_000_000L;

    private final RegionContext context;
    private final EventLoop loop;
    private final RegionRecord record;
    private final boolean latest;
    private final int user;
    private final StreamMemory memory;
    private final Events events;
    private final Deadlines deadlines;
    private final Intake intake;
    private final Patience patience;
    private UpstreamCircuit circuit;
    private ScheduledFuture<?> ticks;
    private ScheduledFuture<?> retry;
    private String peerHost;
    private int circuitId;
    private long session;
    private int attempt;
    private String whyNot = "the call has not been answered yet";
    private boolean over;
    private long receivedBefore;
    private long sentBefore;

    Upstream(
            RegionContext context,
            EventLoop loop,
            RegionRecord record,
            boolean latest,
            int user,
            StreamMemory memory,
            Events events) {
        this.context = context;
        this.loop = loop;
        this.record = record;
        this.latest = latest;
        this.user = user;
        this.memory = memory;
        this.events = events;
        this.deadlines = context.settings().deadlines();
        this.intake = new Intake(record.size(), latest);
        this.patience = new Patience(deadlines.faultMs(), System.nanoTime());
    }

    /**
     * Calls. An owner that refuses or cannot be found, or that does not answer within the fault deadline, is told by
     * {@link Events#ended}.
     */
    void connect() {
        int interval = deadlines.heartbeatMs();
        ticks = Timers.every(loop, interval, "the heartbeat of stream " + record.name(), () -> tick(System.nanoTime()));
        resolve();
    }

    /** The slot may be filled. Slots are filled in the order in which they were given. */
    void give(int slot) {
        intake.give(slot);
        if (circuit != null) {
            circuit.given();
        }
    }

    /** No consumer is left: hangs up. Nothing is called any more. */
    void close(String reason) {
        finish();
        if (circuit != null) {
            circuit.leave(Cause.CLOSED, reason);
            forgetCircuit();
        }
    }

    /** The circuit that is up or called for, null = there is none. */
    Circuit circuit() {
        return circuit == null ? null : circuit.circuit();
    }

    /** Id of the circuit, 0 = none is up. */
    int circuitId() {
        return circuit != null && circuit.isUp() ? circuitId : 0;
    }

    /** The producer's host, as far as it is known, else null. */
    String peer() {
        return peerHost;
    }

    /** Bytes received on all circuits of this end. */
    long receivedBytes() {
        return receivedBefore + (circuit == null ? 0 : circuit.circuit().counters().receivedBytes);
    }

    /** Bytes sent on all circuits of this end. */
    long sentBytes() {
        return sentBefore + (circuit == null ? 0 : circuit.circuit().counters().sentBytes);
    }

    private void finish() {
        over = true;
        attempt++;
        if (ticks != null) {
            ticks.cancel(false);
        }
        if (retry != null) {
            retry.cancel(false);
        }
    }

    private void forgetCircuit() {
        receivedBefore = receivedBytes();
        sentBefore = sentBytes();
        circuit = null;
    }

    // ---- calling ---------------------------------------------------------------------------------------------------

    private void resolve() {
        int mine = ++attempt;
        CallSetup.start(context.directory(), record.id(), deadlines, loop, context.slow(), new CallSetup.Outcome() {
            @Override
            public void connected(OwnerRecord owner, Circuit connected) {
                if (mine == attempt && !over) {
                    call(owner, connected);
                } else {
                    connected.close("nobody waits for this call any more");
                }
            }

            @Override
            public void failed(FaultCause cause, String text) {
                if (mine == attempt && !over) {
                    callFailed(cause, text);
                }
            }
        });
    }

    /** Calls the owner over a connection that stands. */
    void call(OwnerRecord owner, Circuit connected) {
        if (session != 0 && owner.session() != session) {
            connected.close("another dsmd");
            end(Cause.OWNER_LOST, "the dsmd of host " + owner.host() + " was started anew; the stream is gone");
            return;
        }
        if (!owner.host().equals(peerHost)) {
            peerHost = owner.host();
            circuitId = context.nextCircuitId(peerHost);
            if (circuitId == 0) {
                connected.close("no circuit id is left");
                end(Cause.NO_MEMORY, "all circuit ids are used up; restart dsmd");
                return;
            }
        }
        connected.bind(circuitId, context.nextIncarnation(), owner.epoch());
        circuit = new UpstreamCircuit(this, intake, memory, owner, connected, deadlines.clientLeaseMs() * MS);
        connected.events(circuit);
        setup().send(connected);
    }

    private SetupRequest setup() {
        return new SetupRequest(
                context.session(),
                record.id(),
                record.base(),
                record.span(),
                record.pageSize(),
                user,
                context.directory().incarnation(),
                latest ? Setup.LATEST_STREAM : Setup.LOSSLESS_STREAM,
                Right.READ.code(),
                0,
                deadlines.clientLeaseMs(),
                false,
                intake.last(),
                context.host(),
                record.name());
    }

    private void callFailed(FaultCause cause, String text) {
        LOG.debug("stream {}: still no circuit: {}", record.name(), text);
        whyNot = text;
        if (!mayPass(cause) || cause == FaultCause.NO_OWNER && !patience.stood()) {
            end(cause.code(), text);
        } else if (patience.isOver(System.nanoTime())) {
            giveUp(cause, text);
        } else {
            callLater();
        }
    }

    private void callLater() {
        retry = Timers.after(loop, patience.pauseMs(), "calling again for stream " + record.name(), this::resolve);
    }

    /** Whether another call may succeed where one came to nothing because of this, or may bring back what was hung up. */
    static boolean mayPass(FaultCause cause) {
        return switch (cause) {
            case OWNER_LOST, DEADLINE, DIRECTORY_UNREACHABLE, PROTOCOL, DAEMON_LOST -> true;
            // A host whose session with the directory expired claims its streams again.
            case NO_OWNER -> true;
            default -> false;
        };
    }

    private void giveUp(FaultCause cause, String text) {
        if (patience.stood()) {
            end(
                    Cause.OWNER_LOST,
                    "the circuit to host " + peerHost + " was lost and could not be set up again within "
                            + patience.mostMs() + " ms (" + text + ")");
        } else {
            end(cause.code(), text);
        }
    }

    private void end(int cause, String text) {
        finish();
        if (circuit != null) {
            circuit.leave(cause, text);
            forgetCircuit();
        }
        LOG.info("stream {}: over: {}", record.name(), text);
        events.ended(cause, text);
    }

    private void tick(long now) {
        if (over) {
            return;
        }
        if (circuit != null && circuit.isUp()) {
            if (!circuit.beat(now)) {
                lost(circuit, FaultCause.OWNER_LOST, "nothing came within " + deadlines.clientLeaseMs() + " ms");
            }
        } else if (patience.isOver(now)) {
            giveUp(FaultCause.OWNER_LOST, whyNot);
        } else if (circuit != null && now - circuit.calledNs() > deadlines.callMs() * MS) {
            lost(circuit, FaultCause.OWNER_LOST, "no answer to the call within " + deadlines.callMs() + " ms");
        }
    }

    // ---- what comes of a circuit
    // ---------------------------------------------------------------------------------------

    /** Null when what home says about the stream is what the directory says. */
    String acceptable(long span, int pageSize, int drop) {
        if (span != record.span() || pageSize != record.pageSize()) {
            return "the owner serves " + span + " bytes in pages of " + pageSize + ", the directory says "
                    + record.span() + " in pages of " + record.pageSize();
        }
        return drop > 0 ? null : "a drop deadline of " + drop + " ms";
    }

    void accepted(UpstreamCircuit which, int drop) {
        boolean first = patience.stands(drop);
        session = which.owner().session();
        LOG.info("stream {}: circuit {} with host {} is up", record.name(), circuitId, peerHost);
        if (first) {
            events.up(drop);
        }
    }

    void refused(UpstreamCircuit which, Reason reason) {
        String text = "host " + which.owner().host() + " refused: " + reason.text();
        forgetCircuit();
        if (reason.cause() == FaultCause.NO_OWNER) {
            callFailed(reason.cause(), text); // it has claimed the stream again since it was looked up
        } else {
            end(reason.cause().code(), text);
        }
    }

    void filled(int slot, long number, int length, long timeNs) {
        events.filled(slot, number, length, timeNs);
    }

    void stalled() {
        events.stalled();
    }

    void ended(int cause, String reason) {
        end(cause, reason);
    }

    /** The circuit broke, before or after it was up. */
    void lost(UpstreamCircuit which, FaultCause cause, String text) {
        if (over || which != circuit) {
            return;
        }
        boolean standing = which.isUp();
        which.giveUp(text);
        forgetCircuit();
        String reason = "the circuit to host " + peerHost + " is lost: " + text;
        if (!standing) {
            callFailed(cause, reason);
            return;
        }
        LOG.info("stream {}: {}", record.name(), reason);
        patience.lost(intake.last(), which.calledNs(), System.nanoTime());
        whyNot = text;
        callLater();
        events.down(cause, reason);
    }
}
