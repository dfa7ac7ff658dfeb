package io.pagewire.daemon.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.circuit.CallTalk;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitBytes;
import io.pagewire.daemon.circuit.CircuitServer;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.fuzz.CountingAllocator;
import io.pagewire.daemon.fuzz.FuzzTarget;
import io.pagewire.daemon.local.LocalDoor;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.PeerLayout.Setup;
import java.io.IOException;
import java.util.List;

/**
 * A consumer's host that says anything to a real home stream, from its call on, while frames are filled. The first byte of an input
 * says how the stream is sealed and cut, and whether the stream ends.
 *
 * <p>For use by one thread.
 */
public final class StreamHomeTarget implements FuzzTarget {
    private static final int INPUTS_PER_HOME = 64;
    private static final int FRAMES = 4;
    private static final int SLOTS = FRAMES + StreamRuntime.MOST_SINKS;

    private final CountingAllocator allocator = new CountingAllocator();
    private final RegionContext context;
    private EmbeddedChannel loopOwner;
    private HomeStream home;
    private Circuit called;
    private int used;
    private long newestFrame;

    public StreamHomeTarget() throws Exception {
        context = Apparatus.context();
    }

    @Override
    public String name() {
        return "stream-home";
    }

    @Override
    public List<byte[]> corpus() {
        return List.of(
                talk(0, Setup.LOSSLESS_STREAM, circuit -> {}),
                talk(8, Setup.LOSSLESS_STREAM, circuit -> {
                    StreamTalk.credit(circuit, 0, 4);
                    circuit.sendBeat(PeerLayout.HEARTBEAT, 5);
                    StreamTalk.credit(circuit, 1, 5);
                    StreamTalk.credit(circuit, 2, 6);
                    StreamTalk.credit(circuit, 4, 8);
                }),
                talk(40, Setup.LATEST_STREAM, circuit -> {
                    StreamTalk.credit(circuit, 0, 1);
                    StreamTalk.credit(circuit, 1, 2);
                    circuit.sendLast(PeerLayout.LEFT, 10, "no program consumes the stream any more");
                }),
                talk(24, Setup.LOSSLESS_STREAM, circuit -> {
                    StreamTalk.credit(circuit, 0, 16);
                    StreamTalk.credit(circuit, 3, 16);
                    circuit.sendLast(PeerLayout.BYE, 12, "an answer broke the protocol");
                }));
    }

    private static byte[] talk(int control, int sharingType, CircuitBytes.Talk more) {
        return CallTalk.with(control, CircuitBytes.of(3, Apparatus.EPOCH, circuit -> {
            StreamTalk.call(circuit, sharingType, 0);
            more.on(circuit);
        }));
    }

    private void open() throws IOException {
        loopOwner = new EmbeddedChannel();
        LocalProcess producer = LocalDoor.self();
        StreamMemory memory = StreamMemory.of("fuzz", Apparatus.PAGE, FRAMES, SLOTS, false);
        home = new HomeStream(
                context,
                Apparatus.stream("a"),
                loopOwner.eventLoop(),
                new StreamTable(context, null),
                memory,
                FRAMES,
                false,
                5000,
                Apparatus.owner("a"),
                producer);
        producer.release();
        home.hub().start();
        used = 0;
        newestFrame = 0;
    }

    @Override
    public void close() {
        if (home != null) {
            home.shutDown("the fuzzer goes on with another");
            home.close();
            loopOwner.runPendingTasks();
            loopOwner.finishAndReleaseAll();
            home = null;
        }
    }

    @Override
    public void run(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        if (home == null || ++used > INPUTS_PER_HOME || home.isEnded()) {
            close();
            open();
        }
        int how = input[0];
        called = null;
        if ((how & 7) != 7) {
            long before = newestFrame;
            CircuitBytes.seal(
                    input,
                    1,
                    1 + used,
                    Apparatus.EPOCH,
                    (type, bytes, at, length) -> renumber(type, bytes, at, length, before));
        }
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(CircuitBytes.waitingForCall(new Serving(channel)));
        int step = (how & 32) != 0 ? input.length : PeerLayout.HEADER_LENGTH + (how >>> 6 & 3) * 7;
        for (int at = 1; at < input.length; at += step) {
            CircuitBytes.feed(channel, input, at, Math.min(input.length, at + step));
            if ((how & 8) != 0) {
                fill(at);
            }
            loopOwner.runPendingTasks();
            CircuitBytes.discardOutput(channel, this::look);
        }
        if ((how & 16) != 0) {
            home.endBy(FaultCause.of(how & 7), "the fuzzer ends it");
            CircuitBytes.discardOutput(channel, this::look);
        }
        home.hub().tick(System.nanoTime());
        channel.close();
        channel.runPendingTasks();
        loopOwner.runPendingTasks();
        CircuitBytes.discardOutput(channel, this::look);
        channel.finishAndReleaseAll();
        allocator.mustBeEmpty();
        if (called != null && called.counters().waitingBytes != 0) {
            throw new AssertionError(called.counters().waitingBytes + " bytes of a frame were not released");
        }
    }

    /** The producer fills a slot that it has been given, if it has one. */
    private void fill(int seed) {
        for (int slot = 0; slot < SLOTS; slot++) {
            if (home.hub().filled(slot, seed % Apparatus.PAGE, 5, System.nanoTime()) == null) {
                return;
            }
        }
        home.hub().sourceWaits(System.nanoTime());
    }

    /** Numbers that may have been sent. */
    private static void renumber(int type, ByteBuf bytes, int at, int length, long before) {
        if (type == PeerLayout.CREDIT && length == PeerLayout.CREDIT_LENGTH) {
            CircuitBytes.moveLong(bytes, at + PeerLayout.FRAME_NUMBER, before);
        } else if (type == PeerLayout.SETUP && length >= Setup.NAMES) {
            CircuitBytes.moveLong(bytes, at + Setup.RESUME, before);
        }
    }

    private void look(int type, ByteBuf bytes, int at, int length) {
        if (type == PeerLayout.FRAME && length == PeerLayout.FRAME_LENGTH) {
            newestFrame = Math.max(newestFrame, bytes.getLongLE(at + PeerLayout.FRAME_NUMBER));
        }
    }

    /** The real home, on whatever loop the circuit is. */
    private final class Serving implements CircuitServer.Exchange, CircuitServer.Home {
        private final EmbeddedChannel channel;

        Serving(EmbeddedChannel channel) {
            this.channel = channel;
        }

        @Override
        public CircuitServer.Home home(int regionId) {
            return regionId == 7 ? this : null;
        }

        @Override
        public Reason whyNot(int regionId, String regionName) {
            return new Reason(FaultCause.UNKNOWN_REGION, "there is no stream " + regionName);
        }

        @Override
        public EventLoop loop() {
            return channel.eventLoop();
        }

        @Override
        public void call(Circuit circuit, SetupRequest setup, int circuitId, int incarnation, long epoch) {
            called = circuit;
            home.call(circuit, setup, circuitId, incarnation, epoch);
        }
    }
}
