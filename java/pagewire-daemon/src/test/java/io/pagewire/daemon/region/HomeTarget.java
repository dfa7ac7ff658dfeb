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
import java.util.ArrayList;
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
    private final boolean anyWriter;
    private EmbeddedChannel loopOwner;
    private HomeRuntime home;
    private Mapping writer;
    private int used;
    private int request;
    private int newestOperation;
    private int newestGrant;
    private int newestRecall;

    /** @param anyWriter the region may be written by every host */
    public HomeTarget(boolean anyWriter) throws Exception {
        context = Apparatus.context();
        this.anyWriter = anyWriter;
    }

    @Override
    public String name() {
        return anyWriter ? "circuit-home-any" : "circuit-home";
    }

    @Override
    public int longest() {
        return 16 << 10;
    }

    @Override
    public List<byte[]> corpus() {
        List<byte[]> all = new ArrayList<>(readers());
        if (anyWriter) {
            all.addAll(writers());
        }
        return all;
    }

    private static List<byte[]> writers() {
        return List.of(
                talk(8, 1, false, circuit -> {
                    want(circuit, 1, 0, 3, 0);
                    bytes(circuit, PeerLayout.RECALLED, 0, 1, 1, 1, 0, true);
                    bytes(circuit, PeerLayout.WRITEBACK, 1, 2, 0, 1, 1, true);
                    want(circuit, 2, 1, 1, 1);
                    circuit.send(circuit.begin(PeerLayout.FORCE, PeerLayout.FORCE_LENGTH)
                            .writeIntLE(1)
                            .writeIntLE(0));
                }),
                talk(0, 1, false, circuit -> {
                    want(circuit, 1, 5, 1, 0);
                    bytes(circuit, PeerLayout.WRITEBACK, 5, 1, 0, 1, 0, true);
                    bytes(circuit, PeerLayout.RECALLED, 5, 1, 1, 0, 0, false);
                    circuit.sendLast(PeerLayout.LEFT, 10, "no program of host b maps the region any more");
                }),
                talk(16, 1, true, circuit -> {
                    bytes(circuit, PeerLayout.HANDBACK, 0, 2, 0, 1, 0, true);
                    bytes(circuit, PeerLayout.HANDBACK, 5, 1, 0, 2, 0, true);
                    circuit.sendBeat(PeerLayout.HANDED, 12345);
                    want(circuit, 1, 2, 2, 0);
                    bytes(circuit, PeerLayout.RECALLED, 2, 1, 1, 1, 1, true);
                }),
                talk(0, 3, false, circuit -> {
                    refresh(circuit, 1, 0, 0, 0);
                    ByteBuf publish = circuit.begin(PeerLayout.PUBLISH, PeerLayout.SYNC_LENGTH + 16);
                    publish.writeIntLE(2).writeIntLE(0).writeLongLE(3);
                    circuit.send(publish.writeIntLE(64).writeIntLE(8).writeLongLE(7));
                    for (int more = 1; more >= 0; more--) { // one page in two messages
                        ByteBuf part = circuit.begin(PeerLayout.PUBLISH, PeerLayout.SYNC_LENGTH + 9);
                        part.writeIntLE(3).writeIntLE(more).writeLongLE(15);
                        circuit.send(part.writeIntLE(more).writeIntLE(1).writeByte(9));
                    }
                    refresh(circuit, 4, 1, 9, 2);
                }));
    }

    private static void refresh(Circuit circuit, int request, long version, long resumed, long before) {
        ByteBuf message = circuit.begin(PeerLayout.REFRESH, PeerLayout.REFRESH_LENGTH);
        message.writeIntLE(request).writeIntLE(0).writeLongLE(version);
        circuit.send(message.writeLongLE(resumed).writeLongLE(before));
    }

    private static byte[] talk(int control, int sharingType, boolean handsBack, CircuitBytes.Talk more) {
        return CallTalk.with(control, CircuitBytes.of(3, Apparatus.EPOCH, circuit -> {
            CallTalk.call(circuit, sharingType, 2, handsBack);
            more.on(circuit);
        }));
    }

    private static void want(Circuit circuit, int request, long first, int count, int heldGrant) {
        ByteBuf message = circuit.begin(PeerLayout.WANT, PeerLayout.WANT_LENGTH);
        message.writeIntLE(request).writeIntLE(count).writeLongLE(first);
        circuit.send(message.writeIntLE(heldGrant).writeIntLE(0));
    }

    private static void bytes(
            Circuit circuit, int type, long first, int count, int tag, int grant, int left, boolean present) {
        int data = present ? count * Apparatus.PAGE : 0;
        ByteBuf message = circuit.begin(type, PeerLayout.Bytes.DATA + data);
        message.writeLongLE(first).writeIntLE(count).writeIntLE(tag);
        message.writeIntLE(grant).writeByte(left).writeByte(present ? 1 : 0).writeShortLE(0);
        circuit.send(message.writeZero(data));
    }

    private static List<byte[]> readers() {
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
                Apparatus.region("a", anyWriter),
                loopOwner.eventLoop(),
                MemorySource.create("fuzz", (long) Apparatus.PAGES * Apparatus.PAGE),
                Apparatus.owner("a"),
                false);
        writer = LocalDoor.open(home, context);
        used = 0;
        newestOperation = 0;
        newestGrant = 0;
        newestRecall = 0;
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
        } else if (type == PeerLayout.RECALLED && length >= PeerLayout.Bytes.DATA) {
            CircuitBytes.move(bytes, at + PeerLayout.RANGE_TAG, newestRecall);
            CircuitBytes.move(bytes, at + PeerLayout.Bytes.GRANT, newestGrant);
        } else if (length >= PeerLayout.Bytes.DATA && (type == PeerLayout.WRITEBACK || type == PeerLayout.HANDBACK)) {
            CircuitBytes.move(bytes, at + PeerLayout.Bytes.GRANT, newestGrant);
        }
    }

    private void look(int type, ByteBuf bytes, int at, int length) {
        if (type == PeerLayout.PURGE) {
            newestOperation = Math.max(newestOperation, bytes.getIntLE(at + PeerLayout.RANGE_TAG));
        } else if (type == PeerLayout.PAGES) {
            newestGrant = Math.max(newestGrant, bytes.getIntLE(at + PeerLayout.PAGES_GRANT));
        } else if (type == PeerLayout.UPGRADED) {
            newestGrant = Math.max(newestGrant, bytes.getIntLE(at + PeerLayout.WANT_GRANT));
        } else if (type == PeerLayout.RECALL) {
            newestRecall = Math.max(newestRecall, bytes.getIntLE(at + PeerLayout.RANGE_TAG));
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
