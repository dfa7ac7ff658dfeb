package io.pagewire.daemon.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.circuit.CallTalk;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitBytes;
import io.pagewire.daemon.circuit.CircuitEvents;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.fuzz.CountingAllocator;
import io.pagewire.daemon.fuzz.FuzzTarget;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A producer's host that says anything to a real {@link Upstream}, from the answer to its call on. The first byte of an input says
 * how the stream is sealed and cut. Whatever comes, numbers rise and nothing is written beside the slots that were given.
 *
 * <p>For use by one thread.
 */
public final class StreamClientTarget implements FuzzTarget, Upstream.Events {
    private static final int GIVEN = 4;
    private static final int SLOTS = 8;

    private final CountingAllocator allocator = new CountingAllocator();
    private final RegionContext context;
    private final StreamMemory memory;
    private final ByteBuffer untouched = ByteBuffer.allocateDirect(Apparatus.PAGE);
    private final boolean latest;
    private final EmbeddedChannel loopOwner = new EmbeddedChannel();
    private Upstream upstream;
    private boolean ended;
    private long last;

    /** @param latest the circuit is for the latest consumers */
    public StreamClientTarget(boolean latest) throws Exception {
        this.latest = latest;
        context = Apparatus.context();
        memory = StreamMemory.of("fuzz", Apparatus.PAGE, GIVEN, SLOTS, true);
    }

    @Override
    public String name() {
        return latest ? "stream-client-latest" : "stream-client";
    }

    @Override
    public int longest() {
        return 16 << 10;
    }

    @Override
    public List<byte[]> corpus() {
        return List.of(
                talk(0, StreamTalk::accept),
                talk(8, circuit -> {
                    StreamTalk.accept(circuit);
                    for (int number = 1; number <= 6; number++) {
                        StreamTalk.frame(circuit, number, number * 50);
                    }
                    StreamTalk.stalled(circuit, 6);
                    circuit.sendBeat(PeerLayout.ECHO, 5);
                }),
                talk(16, circuit -> {
                    StreamTalk.accept(circuit);
                    StreamTalk.frame(circuit, 1, Apparatus.PAGE);
                    StreamTalk.frame(circuit, 2, 0);
                    StreamTalk.ended(circuit, 2, 0, "the stream has ended");
                }),
                talk(32, circuit -> {
                    StreamTalk.accept(circuit);
                    StreamTalk.frame(circuit, 1, 1000, 400);
                }),
                talk(0, circuit -> {
                    StreamTalk.accept(circuit);
                    StreamTalk.frame(circuit, 1, 9);
                    StreamTalk.frame(circuit, 4, 9);
                    StreamTalk.ended(circuit, 4, 16, "the producer ended without finishing it");
                }),
                talk(0, circuit -> {
                    StreamTalk.accept(circuit);
                    circuit.sendLast(PeerLayout.BYE, 17, "host b held the stream up");
                }),
                talk(0, circuit -> circuit.sendLast(PeerLayout.REFUSE, 3, "host a does not share with user 0")));
    }

    private static byte[] talk(int control, CircuitBytes.Talk talk) {
        return CallTalk.with(control, CircuitBytes.of(3, Apparatus.EPOCH, talk));
    }

    @Override
    public void run(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        if (upstream == null || ended) {
            open();
        }
        int how = input[0];
        Circuit circuit = new Circuit(Unasked.INSTANCE);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(circuit);
        upstream.call(Apparatus.owner("a"), circuit);
        if ((how & 7) != 7) {
            long before = last;
            CircuitBytes.seal(
                    input,
                    1,
                    circuit.incarnation(),
                    Apparatus.EPOCH,
                    (type, bytes, at, length) -> renumber(type, bytes, at, length, before));
        }
        int step = (how & 32) != 0 ? input.length : 1 + (how & 0x48) * 5;
        step = Math.max(step, input.length / 64);
        for (int at = 1; at < input.length; at += step) {
            CircuitBytes.feed(channel, input, at, Math.min(input.length, at + step));
            loopOwner.runPendingTasks();
            CircuitBytes.discardOutput(channel);
        }
        channel.close();
        channel.runPendingTasks();
        loopOwner.runPendingTasks();
        CircuitBytes.discardOutput(channel);
        channel.finishAndReleaseAll();
        allocator.mustBeEmpty();
        for (int slot = GIVEN; slot < SLOTS; slot++) {
            if (memory.view(slot, 0, Apparatus.PAGE).mismatch(untouched.duplicate()) >= 0) {
                throw new AssertionError("slot " + slot + " was written to, which nobody had given");
            }
        }
    }

    private static void renumber(int type, ByteBuf bytes, int at, int length, long before) {
        boolean numbered = type == PeerLayout.FRAME || type == PeerLayout.STALLED || type == PeerLayout.ENDED;
        if (numbered && length >= PeerLayout.STALLED_LENGTH) {
            CircuitBytes.moveLong(bytes, at + PeerLayout.FRAME_NUMBER, before);
        }
    }

    private void open() {
        upstream = new Upstream(context, loopOwner.eventLoop(), Apparatus.stream("a"), latest, 1000, memory, this);
        ended = false;
        last = 0;
    }

    @Override
    public void close() {
        if (upstream != null) {
            upstream.close("the fuzzer ends");
        }
        loopOwner.finishAndReleaseAll();
        memory.close();
    }

    // ---- events ----------------------------------------------------------------------------------------------------

    @Override
    public void up(int dropMs) {
        must(dropMs > 0, "a drop deadline of " + dropMs);
        for (int slot = 0; slot < GIVEN; slot++) {
            upstream.give(slot);
        }
    }

    @Override
    public void filled(int slot, long number, int length, long timeNs) {
        must(!ended, "a frame after the end");
        must(number > last && (latest || last == 0 || number == last + 1), "frame " + number + " after " + last);
        must(length >= 0 && length <= Apparatus.PAGE, "a frame of " + length + " bytes");
        must(slot >= 0 && slot < GIVEN, "a frame in slot " + slot);
        last = number;
        upstream.give(slot);
    }

    @Override
    public void stalled() {
        must(!ended, "stalled after the end");
    }

    @Override
    public void ended(int cause, String reason) {
        must(!ended, "a second end");
        must(cause >= 0 && cause <= FaultCause.TOO_SLOW.code() && reason != null, "an end because of " + cause);
        ended = true;
    }

    @Override
    public void down(FaultCause cause, String reason) {
        must(!ended, "down after the end");
    }

    private static void must(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    /** Before the call. */
    private enum Unasked implements CircuitEvents {
        INSTANCE;

        @Override
        public String message(Circuit circuit, int type, ByteBuf bytes, int payload, int length) {
            return "too early";
        }

        @Override
        public void closed(Circuit circuit, String reason) {
            // Nothing was agreed.
        }
    }
}
