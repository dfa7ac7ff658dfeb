package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Requests of programs to force what they have written: first it comes home, then home brings it to its disk. Requests whose
 * pages came home meanwhile share one FORCE. A circuit that is lost is set up anew, and the request goes on, until nothing
 * has come of it for the deadline.
 *
 * <p>Belongs to the region's event loop.
 */
final class ClientForces {
    /** The pages of the request are on their way home; they are home; FORCE has been sent. */
    private enum Step {
        FLUSHING,
        HOME,
        SENT
    }

    private static final class Force {
        private final int token;
        private final Consumer<ControlReply> done;
        private Step step = Step.FLUSHING;
        private long progressNs;

        Force(int token, long progressNs, Consumer<ControlReply> done) {
            this.token = token;
            this.progressNs = progressNs;
            this.done = done;
        }
    }

    private final ClientRuntime region;
    private final long stallNs;
    private final List<Force> open = new ArrayList<>();
    private int newestToken;
    private int newestRequest;
    private Circuit sentOn;
    private boolean called;

    /** @param stallNs a request of which nothing has come for so long fails */
    ClientForces(ClientRuntime region, long stallNs) {
        this.region = region;
        this.stallNs = stallNs;
    }

    /** Forces pages; {@code done} runs once, with the outcome. */
    void force(long first, int count, Consumer<ControlReply> done) {
        long now = System.nanoTime();
        Force force = new Force(++newestToken, now, done);
        open.add(force);
        region.core().flush(first, count, force.token, now);
        advance(now);
    }

    /** The pages of a request are home, or cannot be brought there. */
    void flushed(int token, int cause) {
        for (Force force : open) {
            if (force.token == token) {
                if (cause == 0) {
                    force.step = Step.HOME;
                    force.progressNs = System.nanoTime();
                } else {
                    finish(force, failed(cause));
                }
                return;
            }
        }
    }

    /** Home has stored some of what was written here: what is still on its way may take as long again. */
    void progressed(long now) {
        for (Force force : open) {
            if (force.step == Step.FLUSHING) {
                force.progressNs = now;
            }
        }
    }

    /** Some more of what home brings to its disk for us is there. Null, or why the message cannot be valid. */
    String forcing(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.FORCE_LENGTH) {
            return "FORCING of " + length + " bytes";
        }
        if (sentOn != null
                && sentOn == region.circuit().circuit()
                && bytes.getIntLE(at + PeerLayout.SYNC_REQUEST) == newestRequest) {
            long now = System.nanoTime();
            for (Force force : open) {
                force.progressNs = force.step == Step.SENT ? now : force.progressNs;
            }
        }
        return null;
    }

    /** Home has answered a FORCE. Null, or why the message cannot be valid. */
    String forced(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.FORCE_LENGTH) {
            return "FORCED of " + length + " bytes";
        }
        int request = bytes.getIntLE(at + PeerLayout.SYNC_REQUEST);
        if (request - newestRequest > 0) {
            return "FORCED for request " + request + ", which was never made";
        }
        if (sentOn == null || sentOn != region.circuit().circuit() || request != newestRequest) {
            return null; // whoever asked has been told that it took too long
        }
        sentOn = null;
        int cause = bytes.getIntLE(at + PeerLayout.SYNC_CAUSE);
        for (Force force : List.copyOf(open)) {
            if (force.step == Step.SENT) {
                finish(
                        force,
                        cause == 0
                                ? ControlReply.ok()
                                : failed(FaultCause.of(cause).code()));
            }
        }
        advance(System.nanoTime());
        return null;
    }

    /** A part of a page has moved on the circuit. */
    void moved(long now) {
        for (Force force : open) {
            force.progressNs = force.step == Step.FLUSHING ? now : force.progressNs;
        }
    }

    /** Goes on with what can be gone on with, and ends what takes too long. */
    void tick(long now) {
        for (int i = open.size() - 1; i >= 0; i--) {
            Force force = open.get(i);
            if (now - force.progressNs >= stallNs) {
                String where = force.step == Step.FLUSHING
                        ? "not everything that was written is home yet"
                        : "host " + region.record().owner() + " has not said that it is on its disk";
                finish(
                        force,
                        ControlReply.failed(
                                LocalStatus.TIMEOUT,
                                "region " + region.record().name() + " could not be forced: " + where
                                        + ", and nothing more came of it within " + stallNs / 1_000_000 + " ms"));
            }
        }
        if (sentOn != null && open.stream().noneMatch(force -> force.step == Step.SENT)) {
            sentOn = null; // home may answer late, or never; the next one is asked for anew
        }
        advance(now);
    }

    private void advance(long now) {
        ClientCircuit circuit = region.circuit();
        boolean up = circuit != null && circuit.isUp();
        if (sentOn != null && (!up || sentOn != circuit.circuit())) {
            sentOn = null; // Whether home has heard of it, nobody knows: it is asked again.
            for (Force force : open) {
                force.step = force.step == Step.SENT ? Step.HOME : force.step;
            }
        }
        boolean any = false;
        for (Force force : open) {
            any |= force.step == Step.HOME;
        }
        if (!any || sentOn != null) {
            return;
        }
        if (!up) {
            connect(now);
        } else {
            called = false;
            sentOn = circuit.circuit();
            for (Force force : open) {
                force.step = force.step == Step.HOME ? Step.SENT : force.step;
            }
            ByteBuf message = sentOn.begin(PeerLayout.FORCE, PeerLayout.FORCE_LENGTH);
            sentOn.send(message.writeIntLE(++newestRequest).writeIntLE(0));
        }
    }

    /** Nothing is to be handed back, so the core does not call by itself; once asked to, it does until it gets through. */
    private void connect(long now) {
        if (!called) {
            called = true;
            region.core().connectNow(now);
        }
    }

    /** The region ends here: nothing will come of what is open. */
    void close() {
        for (Force force : List.copyOf(open)) {
            finish(force, failed(Cause.CLOSED));
        }
    }

    private void finish(Force force, ControlReply reply) {
        open.remove(force);
        force.done.accept(reply);
    }

    private ControlReply failed(int cause) {
        FaultCause why = FaultCause.of(cause);
        return ControlReply.failed(
                ClientCalls.statusOf(why),
                "region " + region.record().name() + " could not be forced: " + region.why(why));
    }
}
