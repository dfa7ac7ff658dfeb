package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.HomeLease;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitEvents;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.wire.PeerLayout;

/**
 * Home's end of a circuit whose call is not answered yet, because its client first hands back what it had written under an
 * earlier incarnation.
 *
 * <p>Belongs to the region's event loop.
 */
final class HandBack implements CircuitEvents {
    private final HomeCalls calls;
    private final Circuit circuit;
    private final SetupRequest setup;
    private final HomeLease patience;
    private boolean over;
    private long reads;

    HandBack(HomeCalls calls, Circuit circuit, SetupRequest setup, HomeLease patience) {
        this.calls = calls;
        this.circuit = circuit;
        this.setup = setup;
        this.patience = patience;
    }

    Circuit circuit() {
        return circuit;
    }

    SetupRequest setup() {
        return setup;
    }

    /** Whether anything has come since the last time, be it a part of a message. */
    boolean heard(long now) {
        boolean came = circuit.reads() != reads;
        if (came) {
            reads = circuit.reads();
            patience.heard(now);
        }
        return came;
    }

    /** Nothing has come for so long that the client must be gone. */
    boolean isSilent(long now) {
        return patience.expired(now);
    }

    /** Nothing that still comes counts as handed back any more. */
    void end() {
        over = true;
    }

    @Override
    public String message(Circuit from, int type, ByteBuf bytes, int at, int length) {
        if (over) {
            return null;
        }
        long now = System.nanoTime();
        patience.echoSent(now);
        switch (type) {
            case PeerLayout.HANDBACK:
                return calls.handedBack(this, bytes, at, length, now);
            case PeerLayout.HANDED:
                if (length != PeerLayout.BEAT_LENGTH) {
                    return "HANDED of " + length + " bytes";
                }
                calls.handed(this, now);
                return null;
            case PeerLayout.BYE, PeerLayout.LEFT:
                Reason reason = Reason.read(bytes, at, length);
                circuit.close(reason == null ? "malformed good-bye" : "the host hung up: " + reason.text());
                return null;
            default:
                return "message of type " + type + " from a client that is handing back";
        }
    }

    @Override
    public void closed(Circuit which, String reason) {
        if (!over) {
            calls.handBackOver(this);
        }
    }
}
