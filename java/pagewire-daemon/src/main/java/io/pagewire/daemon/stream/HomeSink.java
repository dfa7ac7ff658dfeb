package io.pagewire.daemon.stream;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.stream.StreamHub;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitEvents;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.PeerLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ScheduledFuture;

/**
 * Home's end of the circuit to one host's lossless, or latest, consumers: sends frames by {@code sendfile} and hears what has come
 * whole. Outlives a circuit that breaks, until its host calls again or is dropped (SPEC: V12).
 *
 * <p>Belongs to the stream's event loop.
 */
final class HomeSink implements CircuitEvents {
    /** What the home stream does about it. */
    interface Owner {
        StreamHub hub();

        StreamMemory memory();

        /** A circuit on which nothing has come for that long is given up, ms ({@code Deadlines.homeMs}). */
        int homeMs();

        /** The circuit broke: {@link StreamHub#away} has been said. */
        void circuitLost(HomeSink sink, String reason);

        /** The host has no consumer any more, or hung up after the end: the sink is to be removed. The circuit is closed. */
        void left(HomeSink sink, String reason);
    }

    private static final int PAGE_SIZE = 4096;
    private static final long MS = 1_000_000L;

    /** Frames that a host may have room for at a time; more than any host has slots. */
    private static final int MOST_CREDIT = 1024;

    /** A host that has got all and does not hang up, or gets nothing of what is left for that long, has gone wrong. */
    private static final long GOODBYE_NS = 5000 * MS;

    private final Owner owner;
    private final int sink;
    private final SilenceWatch silence;
    private final ScheduledFuture<?> ticks;
    private SetupRequest setup;
    private Circuit circuit;
    private int incarnation;
    private long framesHere;
    private long creditHere;
    private long sentHere;
    private long newestSent;
    private long whole;
    private boolean endedHere;
    private long progressNs;
    private long waitingBytes;
    private boolean over;

    /** @param circuit lives on the stream's loop already; {@link #accept} answers its call */
    HomeSink(Owner owner, int sink, Circuit circuit, SetupRequest setup) {
        this.owner = owner;
        this.sink = sink;
        this.silence = new SilenceWatch(owner.homeMs() * MS);
        long interval = Math.max(10, owner.homeMs() / 8);
        this.ticks = Timers.every(
                circuit.channel().eventLoop(),
                interval,
                "the timer of a circuit of stream " + setup.region(),
                () -> tick(System.nanoTime()));
        begin(circuit, setup);
    }

    private void begin(Circuit next, SetupRequest call) {
        setup = call;
        circuit = next;
        incarnation = next.incarnation();
        framesHere = 0;
        creditHere = 0;
        sentHere = call.resume();
        whole = call.resume();
        endedHere = false;
        silence.begin(System.nanoTime());
    }

    int sink() {
        return sink;
    }

    SetupRequest setup() {
        return setup;
    }

    /** Null while the circuit is away. */
    Circuit circuit() {
        return circuit;
    }

    /** Answers the call: the window's span, pages of 4096, and how long a consumer may hold the producer up. */
    void accept(long span, int dropMs) {
        circuit.events(this);
        ByteBuf message = circuit.begin(PeerLayout.ACCEPT, PeerLayout.ACCEPT_LENGTH);
        circuit.send(message.writeLongLE(span).writeIntLE(PAGE_SIZE).writeIntLE(dropMs));
    }

    /** The host calls again, having every frame up to {@code setup.resume()}. Null, or why that cannot be. */
    String resume(Circuit next, SetupRequest again, long span, int dropMs) {
        if (over) {
            return "this host takes no more frames";
        }
        if (next.incarnation() - incarnation <= 0) {
            return "a newer call of this daemon has been accepted";
        }
        if (again.resume() < whole || again.resume() > Math.max(newestSent, whole)) {
            return "the call says that frame " + again.resume() + " has come, but what is on its way are frames "
                    + (whole + 1) + " to " + newestSent;
        }
        long now = System.nanoTime();
        if (circuit != null) {
            Circuit earlier = circuit;
            circuit = null;
            earlier.abort("host " + again.host() + " has set up this circuit anew");
            owner.hub().away(sink, now);
        }
        begin(next, again);
        accept(span, dropMs);
        return owner.hub().back(sink, again.resume(), now);
    }

    /** {@code StreamPort.deliver}. */
    void deliver(int slot, long number, int length, long timeNs) {
        if (circuit == null || !circuit.isOpen()) {
            return; // It has just broken; the hub hears of it, and sends the frame again.
        }
        framesHere++;
        sentHere = number;
        newestSent = Math.max(newestSent, number);
        ByteBuf message = circuit.begin(PeerLayout.FRAME, PeerLayout.FRAME_LENGTH);
        message.writeLongLE(number).writeLongLE(timeNs).writeIntLE(length).writeIntLE(0);
        StreamMemory memory = owner.memory();
        circuit.send(message, memory.channel(), memory.offset(slot), length);
    }

    /** {@code StreamPort.stalled}. */
    void stalled() {
        if (circuit != null) {
            circuit.send(
                    circuit.begin(PeerLayout.STALLED, PeerLayout.STALLED_LENGTH).writeLongLE(sentHere));
        }
    }

    /** {@code StreamPort.end}: ENDED, after what is on its way. The host is to hang up then. */
    void end(int cause, String reason) {
        if (circuit == null || endedHere) {
            return;
        }
        endedHere = true;
        progressNs = System.nanoTime();
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        if (text.length > PeerLayout.MAX_REASON) {
            text = Arrays.copyOf(text, PeerLayout.MAX_REASON);
        }
        ByteBuf message = circuit.begin(PeerLayout.ENDED, PeerLayout.ENDED_TEXT + text.length);
        message.writeLongLE(owner.hub().lastNumber()).writeIntLE(cause);
        circuit.send(message.writeShortLE(text.length).writeBytes(text));
    }

    /**
     * Closes the connection: dropped, or the stream was taken away. The host is told why unless frames are still waiting to leave,
     * in which case it hears when it calls again. Nothing is called any more.
     */
    void close(int cause, String reason) {
        finish();
        Circuit last = circuit;
        circuit = null;
        if (last == null) {
            return;
        }
        if (last.counters().waitingBytes == 0) {
            last.sendLast(PeerLayout.BYE, cause, reason);
        } else {
            last.abort(reason);
        }
    }

    private void finish() {
        over = true;
        ticks.cancel(false);
    }

    /** The newest frame that has come whole there. */
    long whole() {
        return whole;
    }

    /** Whether frames have still to come there. */
    boolean isBehind() {
        return whole < owner.hub().lastNumber();
    }

    /** Whether bytes of delivered slots may still lie in the socket's queue. */
    boolean hasBytesUnderway() {
        return newestSent > whole;
    }

    @Override
    public String message(Circuit from, int type, ByteBuf bytes, int at, int length) {
        if (over || from != circuit) {
            return null;
        }
        return switch (type) {
            case PeerLayout.HEARTBEAT -> heartbeat(bytes, at, length);
            case PeerLayout.CREDIT -> credit(bytes, at, length);
            case PeerLayout.BYE, PeerLayout.LEFT -> bye(type == PeerLayout.LEFT, bytes, at, length);
            default -> "message of type " + type + " from a consumer's host";
        };
    }

    private String heartbeat(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.BEAT_LENGTH) {
            return "HEARTBEAT of " + length + " bytes";
        }
        circuit.sendBeat(PeerLayout.ECHO, bytes.getLongLE(at));
        return null;
    }

    private String credit(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.CREDIT_LENGTH) {
            return "CREDIT of " + length + " bytes";
        }
        long number = bytes.getLongLE(at + PeerLayout.FRAME_NUMBER);
        long total = bytes.getLongLE(at + PeerLayout.CREDIT_TOTAL);
        if (number < whole || number > sentHere) {
            return "CREDIT for frame " + number + " after " + whole + ", with " + sentHere + " the last one sent";
        }
        if (total < creditHere || total - framesHere > MOST_CREDIT) {
            return "CREDIT for " + total + " frames after " + creditHere + ", with " + framesHere + " sent";
        }
        long now = System.nanoTime();
        progressNs = now;
        int more = (int) (total - creditHere);
        creditHere = total;
        if (number > whole) {
            whole = number;
            String problem = owner.hub().releasedUpTo(sink, number, now);
            if (problem != null) {
                return problem;
            }
        }
        if (more > 0 && !over) {
            owner.hub().credit(sink, more, now);
        }
        return null;
    }

    private String bye(boolean left, ByteBuf bytes, int at, int length) {
        Reason reason = Reason.read(bytes, at, length);
        if (reason == null) {
            return "malformed good-bye";
        }
        if (left) {
            leave(reason.text());
        } else {
            lost("the host hung up: " + reason.text());
        }
        return null;
    }

    private void leave(String reason) {
        finish();
        Circuit last = circuit;
        circuit = null;
        last.close(reason);
        owner.left(this, reason);
    }

    private void lost(String reason) {
        Circuit last = circuit;
        circuit = null;
        last.abort(reason);
        owner.hub().away(sink, System.nanoTime());
        owner.circuitLost(this, reason);
    }

    @Override
    public void closed(Circuit which, String reason) {
        if (!over && which == circuit) {
            lost(reason);
        }
    }

    private void tick(long now) {
        if (over || circuit == null) {
            return;
        }
        if (circuit.counters().waitingBytes != waitingBytes) {
            waitingBytes = circuit.counters().waitingBytes;
            progressNs = now;
            owner.hub().progress(sink, now);
        }
        if (silence.isOver(circuit.counters().receivedBytes, now)) {
            lost("nothing came from the host for " + owner.homeMs() + " ms");
        } else if (endedHere && now - progressNs > GOODBYE_NS) {
            leave("the host did not hang up within " + GOODBYE_NS / MS + " ms after the end of the stream");
        }
    }
}
