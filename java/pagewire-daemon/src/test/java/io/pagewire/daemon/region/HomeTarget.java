package io.pagewire.daemon.region;

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
import io.pagewire.daemon.local.Mapping;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.util.List;

/**
 * A client that says anything to a real home, from its call on, while a program of the owner's host writes. The first byte of
 * an input says how the stream is sealed and cut and when the program writes.
 *
 * <p>For use by one thread.
 */
public final class HomeTarget implements FuzzTarget {
    private static final int INPUTS_PER_HOME = 64;

    private final CountingAllocator allocator = new CountingAllocator();
    private final RegionContext context;
    private EmbeddedChannel loopOwner;
    private HomeRuntime home;
    private Mapping writer;
    private int used;
    private int request;
    private int newestOperation;
    private int newestGrant;

    public HomeTarget() throws Exception {
        context = Apparatus.context();
    }

    @Override
    public String name() {
        return "circuit-home";
    }

    @Override
    public List<byte[]> corpus() {
        return List.of(
                talk(0, circuit -> {}),
                talk(8, circuit -> {
                    fetch(circuit, PeerLayout.FETCH, 1, 0, 3);
                    circuit.sendBeat(PeerLayout.HEARTBEAT, 12345);
                    circuit.sendRange(PeerLayout.PURGED, 0, 1, 1);
                    circuit.sendRange(PeerLayout.RELEASE, 1, 1, 1);
                }),
                talk(16, circuit -> {
                    fetch(circuit, PeerLayout.AHEAD, 1, 4, 8);
                    fetch(circuit, PeerLayout.FETCH, 2, 2, 1);
                    circuit.sendRange(PeerLayout.PURGED, 2, 1, 1);
                    fetch(circuit, PeerLayout.FETCH, 3, 2, 1);
                    circuit.sendRange(PeerLayout.PURGED, 2, 1, 2);
                }),
                talk(24, circuit -> {
                    fetch(circuit, PeerLayout.FETCH, 1, 15, 1);
                    circuit.sendLast(PeerLayout.BYE, 10, "no program of host b maps the region any more");
                }));
    }

    private static byte[] talk(int control, CircuitBytes.Talk more) {
        return CallTalk.with(control, CircuitBytes.of(3, Apparatus.EPOCH, circuit -> {
            CallTalk.call(circuit);
            more.on(circuit);
        }));
    }

    private static void fetch(Circuit circuit, int type, int request, long first, int count) {
        ByteBuf message = circuit.begin(type, PeerLayout.RUN_LENGTH);
        circuit.send(message.writeIntLE(request).writeIntLE(count).writeLongLE(first));
    }

    private void open() throws Exception {
        loopOwner = new EmbeddedChannel();
        home = new HomeRuntime(
                context,
                Apparatus.region("a"),
                loopOwner.eventLoop(),
                MemorySource.create("fuzz", (long) Apparatus.PAGES * Apparatus.PAGE),
                Apparatus.owner("a"),
                false);
        writer = LocalDoor.open(home, context);
        used = 0;
        newestOperation = 0;
        newestGrant = 0;
    }

    @Override
    public void close() {
        if (home != null) {
            home.close();
            loopOwner.runPendingTasks();
            loopOwner.finishAndReleaseAll();
            home = null;
        }
    }

    @Override
    public void run(byte[] input) throws Exception {
        if (input.length == 0) {
            return;
        }
        if (home == null || ++used > INPUTS_PER_HOME) {
            close();
            open();
        }
        int how = input[0];
        if ((how & 7) != 7) {
            CircuitBytes.seal(input, 1, 1 + used, Apparatus.EPOCH, this::renumber);
        }
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(CircuitBytes.waitingForCall(new Serving(channel)));
        int step = (how & 32) != 0 ? input.length : PeerLayout.HEADER_LENGTH + (how >>> 6 & 3) * 7;
        for (int at = 1; at < input.length; at += step) {
            CircuitBytes.feed(channel, input, at, Math.min(input.length, at + step));
            if ((how & 8) != 0) {
                home.fault(writer, 0, ++request, input[at] & 15, 2);
            }
            if ((how & 16) != 0) {
                home.fault(writer, 1, ++request, 2, 2);
            }
            loopOwner.runPendingTasks();
            CircuitBytes.discardOutput(channel, this::look);
        }
        home.onTick(System.nanoTime());
        channel.close();
        channel.runPendingTasks();
        loopOwner.runPendingTasks();
        home.lineLost(writer, 0);
        home.lineLost(writer, 1);
        CircuitBytes.discardOutput(channel, this::look);
        channel.finishAndReleaseAll();
        allocator.mustBeEmpty();
    }

    /** Answers to purges, and releases, that may be meant. */
    private void renumber(int type, ByteBuf bytes, int at, int length) {
        if (length == PeerLayout.RANGE_LENGTH && type == PeerLayout.PURGED) {
            CircuitBytes.move(bytes, at + PeerLayout.RANGE_TAG, newestOperation);
        } else if (length == PeerLayout.RANGE_LENGTH && type == PeerLayout.RELEASE) {
            CircuitBytes.move(bytes, at + PeerLayout.RANGE_TAG, newestGrant);
        }
    }

    private void look(int type, ByteBuf bytes, int at, int length) {
        if (type == PeerLayout.PURGE) {
            newestOperation = Math.max(newestOperation, bytes.getIntLE(at + PeerLayout.RANGE_TAG));
        } else if (type == PeerLayout.PAGES) {
            newestGrant = Math.max(newestGrant, bytes.getIntLE(at + PeerLayout.PAGES_GRANT));
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
            return new Reason(FaultCause.UNKNOWN_REGION, "there is no region " + regionName);
        }

        @Override
        public EventLoop loop() {
            return channel.eventLoop();
        }

        @Override
        public void call(Circuit circuit, SetupRequest setup, int circuitId, int incarnation, long epoch) {
            home.call(circuit, setup, circuitId, incarnation, epoch);
        }
    }
}
