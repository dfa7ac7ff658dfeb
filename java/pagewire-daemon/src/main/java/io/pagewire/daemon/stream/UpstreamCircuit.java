package io.pagewire.daemon.stream;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitEvents;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.nio.charset.StandardCharsets;

/**
 * One circuit of an {@link Upstream}, from its call to its end: receives frames, says for how many there is room, and keeps the
 * connection alive by heartbeats (SPEC: V1, V12).
 *
 * <p>Belongs to the stream's event loop.
 */
final class UpstreamCircuit implements CircuitEvents {
    private final Upstream upstream;
    private final Intake intake;
    private final StreamMemory memory;
    private final OwnerRecord owner;
    private final Circuit circuit;
    private final SilenceWatch silence;
    private final long calledNs = System.nanoTime();
    private boolean up;
    private boolean over;
    private boolean handing;
    private long begunHere;
    private long wholeHere;
    private long saidWhole = -1;
    private long saidTotal;
    private long number;
    private long timeNs;
    private int used;

    UpstreamCircuit(
            Upstream upstream, Intake intake, StreamMemory memory, OwnerRecord owner, Circuit circuit, long leaseNs) {
        this.upstream = upstream;
        this.intake = intake;
        this.memory = memory;
        this.owner = owner;
        this.circuit = circuit;
        this.silence = new SilenceWatch(leaseNs);
        circuit.alwaysReads();
    }

    Circuit circuit() {
        return circuit;
    }

    OwnerRecord owner() {
        return owner;
    }

    boolean isUp() {
        return up && !over;
    }

    long calledNs() {
        return calledNs;
    }

    /** Hangs up: nothing that still comes counts, and no memory is written to any more. */
    void leave(int cause, String reason) {
        if (!over) {
            over = true;
            circuit.sendLast(PeerLayout.LEFT, cause, reason);
        }
    }

    /** Gives the circuit up; the call may be made again. */
    void giveUp(String reason) {
        over = true;
        circuit.close(reason);
    }

    /** Says what has come and for how many frames there is room, if that has changed. */
    void credit() {
        long total = wholeHere + intake.given();
        if (!up || over || handing || total == saidTotal && intake.last() == saidWhole) {
            return;
        }
        saidTotal = total;
        saidWhole = intake.last();
        ByteBuf message = circuit.begin(PeerLayout.CREDIT, PeerLayout.CREDIT_LENGTH);
        circuit.send(message.writeLongLE(saidWhole).writeLongLE(saidTotal));
    }

    /**
     * There is room for a frame more. While home has heard of most of the room there is, it hears of this one with the next frame
     * that has come whole: most of what a small frame costs are messages.
     */
    void given() {
        if (2 * (saidTotal - begunHere) <= intake.given()) {
            credit();
        }
    }

    /** Sends a heartbeat; false when nothing at all has come for the lease. */
    boolean beat(long now) {
        if (silence.isOver(circuit.counters().receivedBytes, now)) {
            return false;
        }
        circuit.readWhatHasCome(); // on a slow line half a megabyte takes longer than the lease
        circuit.sendBeat(PeerLayout.HEARTBEAT, now);
        return true;
    }

    @Override
    public String message(Circuit from, int type, ByteBuf bytes, int at, int length) {
        if (over) {
            return null;
        }
        if (type == PeerLayout.BYE) {
            return bye(bytes, at, length);
        }
        if (!up) {
            return answer(type, bytes, at, length);
        }
        return switch (type) {
            case PeerLayout.FRAME -> frame(bytes, at, length);
            case PeerLayout.ECHO -> length != PeerLayout.BEAT_LENGTH ? "ECHO of " + length + " bytes" : null;
            case PeerLayout.STALLED -> stalled(bytes, at, length);
            case PeerLayout.ENDED -> ended(bytes, at, length);
            default -> "message of type " + type + " from the producer's host";
        };
    }

    private String answer(int type, ByteBuf bytes, int at, int length) {
        if (type == PeerLayout.ACCEPT && length == PeerLayout.ACCEPT_LENGTH) {
            int dropMs = bytes.getIntLE(at + PeerLayout.ACCEPT_HOME_DEADLINE_MS);
            String problem = upstream.acceptable(
                    bytes.getLongLE(at + PeerLayout.ACCEPT_SPAN),
                    bytes.getIntLE(at + PeerLayout.ACCEPT_PAGE_SIZE),
                    dropMs);
            if (problem != null) {
                return problem;
            }
            up = true;
            silence.begin(System.nanoTime());
            handing = true;
            upstream.accepted(this, dropMs);
            handing = false;
            credit();
            return null;
        }
        if (type == PeerLayout.REFUSE) {
            Reason reason = Reason.read(bytes, at, length);
            if (reason == null) {
                return "malformed REFUSE";
            }
            giveUp(reason.text());
            upstream.refused(this, reason);
            return null;
        }
        return "message of type " + type + " and " + length + " bytes in answer to a call";
    }

    private String frame(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.FRAME_LENGTH || bytes.getIntLE(at + PeerLayout.FRAME_USED + 4) != 0) {
            return "malformed FRAME of " + length + " bytes";
        }
        number = bytes.getLongLE(at + PeerLayout.FRAME_NUMBER);
        timeNs = bytes.getLongLE(at + PeerLayout.FRAME_TIME);
        used = bytes.getIntLE(at + PeerLayout.FRAME_USED);
        String problem = intake.problem(number, used);
        if (problem == null && begunHere >= saidTotal) {
            problem = "FRAME " + number + " beyond the credit of " + saidTotal + " frames";
        }
        if (problem != null) {
            return problem;
        }
        begunHere++;
        if (used == 0) {
            return received(circuit);
        }
        circuit.receive(memory.view(intake.slot(), 0, used));
        return null;
    }

    @Override
    public String received(Circuit from) {
        if (over) {
            return null;
        }
        wholeHere++;
        handing = true;
        upstream.filled(intake.whole(number), number, used, timeNs);
        handing = false;
        credit();
        return null;
    }

    private String stalled(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.STALLED_LENGTH || bytes.getLongLE(at + PeerLayout.FRAME_NUMBER) != intake.last()) {
            return "malformed STALLED of " + length + " bytes";
        }
        upstream.stalled();
        return null;
    }

    private String ended(ByteBuf bytes, int at, int length) {
        if (length < PeerLayout.ENDED_TEXT
                || bytes.getUnsignedShortLE(at + PeerLayout.ENDED_TEXT_LENGTH) != length - PeerLayout.ENDED_TEXT) {
            return "malformed ENDED of " + length + " bytes";
        }
        String problem = intake.problemAtEnd(bytes.getLongLE(at + PeerLayout.FRAME_NUMBER));
        if (problem != null) {
            return problem;
        }
        int code = bytes.getIntLE(at + PeerLayout.ENDED_CAUSE);
        int cause = code == 0 ? 0 : FaultCause.of(code).code();
        String reason =
                bytes.toString(at + PeerLayout.ENDED_TEXT, length - PeerLayout.ENDED_TEXT, StandardCharsets.UTF_8);
        leave(Cause.CLOSED, "the stream is over");
        upstream.ended(cause, reason);
        return null;
    }

    private String bye(ByteBuf bytes, int at, int length) {
        Reason reason = Reason.read(bytes, at, length);
        if (reason == null) {
            return "malformed good-bye";
        }
        if (Upstream.mayPass(reason.cause())) {
            upstream.lost(this, reason.cause(), "host " + owner.host() + " hung up: " + reason.text());
        } else {
            giveUp(reason.text());
            upstream.ended(reason.cause().code(), reason.text());
        }
        return null;
    }

    @Override
    public void closed(Circuit which, String reason) {
        if (!over) {
            upstream.lost(this, FaultCause.OWNER_LOST, reason);
        }
    }
}
