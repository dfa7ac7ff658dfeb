package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.CallTalk;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitBytes;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.fuzz.CountingAllocator;
import io.pagewire.daemon.fuzz.FuzzTarget;
import io.pagewire.daemon.local.LocalDoor;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * An owner that says anything to a real client, from the answer to its call on, while a program reads. The first byte of an
 * input says how the stream is sealed and cut, the second which pages the program touches.
 *
 * <p>For use by one thread.
 */
public final class ClientTarget implements FuzzTarget {
    private final CountingAllocator allocator = new CountingAllocator();
    private final RegionContext context;
    private final boolean anyWriter;
    private EmbeddedChannel loopOwner;
    private ClientRuntime client;
    private Mapping reader;
    private int used;
    private int request;
    private int newestFetch;

    /** @param anyWriter the region may be written by every host, and the program does */
    public ClientTarget(boolean anyWriter) throws Exception {
        context = Apparatus.context();
        this.anyWriter = anyWriter;
    }

    @Override
    public String name() {
        return anyWriter ? "circuit-client-any" : "circuit-client";
    }

    @Override
    public int longest() {
        return 16 << 10;
    }

    @Override
    public List<byte[]> corpus() {
        List<byte[]> all = new ArrayList<>(toReader());
        if (anyWriter) {
            all.addAll(toWriter());
        }
        return all;
    }

    /** Control byte 16: the program writes to the page that it has read, and forces it. */
    private static List<byte[]> toWriter() {
        int exclusive = PeerLayout.PAGES_LAST | PeerLayout.PAGES_EXCLUSIVE;
        return List.of(
                talk(16, 3, circuit -> {
                    pages(circuit, 1, 3, 1, 1, PeerLayout.PAGES_LAST);
                    HomeMessages.upgraded(circuit, 2, 3, 2);
                    HomeMessages.recall(circuit, 3, Right.READ, 1);
                    HomeMessages.acknowledged(circuit, 3, 1, 2, 0);
                    HomeMessages.lost(circuit, 3, 2, "b");
                }),
                talk(16, 3, circuit -> {
                    pages(circuit, 1, 3, 1, 1, exclusive);
                    HomeMessages.recall(circuit, 3, Right.NONE, 1);
                    HomeMessages.acknowledged(circuit, 3, 1, 1, 6);
                    circuit.send(circuit.begin(PeerLayout.FORCED, PeerLayout.FORCE_LENGTH)
                            .writeIntLE(1)
                            .writeIntLE(0));
                }),
                talk(16, 5, circuit -> {
                    pages(circuit, 1, 5, 2, 1, exclusive);
                    circuit.sendRange(PeerLayout.PURGE, 6, 1, 1);
                    HomeMessages.recall(circuit, 6, Right.READ, 2);
                    circuit.sendLast(PeerLayout.BYE, 1, "the owner's dsmd is stopping");
                }));
    }

    private static List<byte[]> toReader() {
        return List.of(
                talk(0, 0, circuit -> {}),
                talk(0, 0, circuit -> {
                    pages(circuit, 1, 0, 1, 1, 0);
                    circuit.sendRange(PeerLayout.PURGE, 0, 1, 1);
                    pages(circuit, 2, 1, 1, 2, PeerLayout.PAGES_LAST);
                    circuit.sendBeat(PeerLayout.ECHO, 1);
                }),
                talk(0, 3, circuit -> {
                    decline(circuit, 1, 3, 1, 0);
                    pages(circuit, 2, 3, 2, 1, PeerLayout.PAGES_LAST);
                    circuit.sendRange(PeerLayout.PURGE, 3, 2, 2);
                    decline(circuit, 3, 4, 1, 7);
                }),
                talk(8, 5, circuit -> {
                    pages(circuit, 1, 5, 1, 1, PeerLayout.PAGES_LAST);
                    circuit.sendRange(PeerLayout.PURGE, 5, 1, 1);
                    circuit.sendLast(PeerLayout.BYE, 1, "the owner's dsmd is stopping");
                }),
                CallTalk.with(
                        0,
                        CallTalk.with(
                                0,
                                CircuitBytes.of(
                                        3,
                                        Apparatus.EPOCH,
                                        circuit -> circuit.sendLast(
                                                PeerLayout.REFUSE,
                                                3,
                                                "host a does not share with user 0 of host b")))));
    }

    private static byte[] talk(int control, int page, CircuitBytes.Talk more) {
        return CallTalk.with(control, CallTalk.with(page, CircuitBytes.of(3, Apparatus.EPOCH, circuit -> {
            ByteBuf accept = circuit.begin(PeerLayout.ACCEPT, PeerLayout.ACCEPT_LENGTH);
            accept.writeLongLE((long) Apparatus.PAGES * Apparatus.PAGE)
                    .writeIntLE(Apparatus.PAGE)
                    .writeIntLE(2500);
            circuit.send(accept);
            more.on(circuit);
        })));
    }

    private static void pages(Circuit circuit, int request, long first, int count, int grant, int flags) {
        int bytes = count * Apparatus.PAGE;
        ByteBuf message = circuit.begin(PeerLayout.PAGES, PeerLayout.PAGES_DATA + bytes);
        message.writeIntLE(request)
                .writeIntLE(count)
                .writeLongLE(first)
                .writeIntLE(grant)
                .writeIntLE(flags);
        circuit.send(message.writeZero(bytes));
    }

    private static void decline(Circuit circuit, int request, long first, int count, int cause) {
        ByteBuf message = circuit.begin(PeerLayout.DECLINE, PeerLayout.DECLINE_LENGTH);
        circuit.send(message.writeIntLE(request)
                .writeIntLE(count)
                .writeLongLE(first)
                .writeIntLE(cause)
                .writeIntLE(0));
    }

    private void open() throws Exception {
        loopOwner = new EmbeddedChannel();
        client = new ClientRuntime(context, Apparatus.region("a", anyWriter), loopOwner.eventLoop(), closed -> {});
        reader = LocalDoor.open(client, context);
        used = 0;
        newestFetch = 0;
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
            loopOwner.runPendingTasks();
            loopOwner.finishAndReleaseAll();
            client = null;
        }
    }

    /** Answers to requests that may be open. */
    private void renumber(int type, ByteBuf bytes, int at, int length) {
        if (length >= PeerLayout.RUN_LENGTH && (type == PeerLayout.PAGES || type == PeerLayout.DECLINE)) {
            CircuitBytes.move(bytes, at + PeerLayout.RUN_REQUEST, newestFetch);
        } else if (length == PeerLayout.WANT_LENGTH && type == PeerLayout.UPGRADED) {
            CircuitBytes.move(bytes, at + PeerLayout.RUN_REQUEST, newestFetch);
        }
    }

    private void look(int type, ByteBuf bytes, int at, int length) {
        if (type == PeerLayout.FETCH || type == PeerLayout.AHEAD || type == PeerLayout.WANT) {
            newestFetch = Math.max(newestFetch, bytes.getIntLE(at + PeerLayout.RUN_REQUEST));
        }
    }

    /** A program reads, so the core asks for a circuit; the directory never answers, and the caller brings one. */
    private void touch(int page) throws Exception {
        int asked = Apparatus.asked(context);
        if (client != null && ++used < 64) {
            client.fault(reader, 0, ++request, page, 1);
        }
        if (Apparatus.asked(context) == asked) {
            close(); // It waits before it calls again, or there was none.
            open();
            client.fault(reader, 0, ++request, page, 1);
        }
    }

    @Override
    public void run(byte[] input) throws Exception {
        if (input.length < 2) {
            return;
        }
        int how = input[0];
        int page = input[1] & 15;
        touch(page);
        Circuit circuit = new Circuit(Unanswered.INSTANCE);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(circuit);
        client.calls().call(Apparatus.owner("a"), circuit);
        if ((how & 7) != 7) {
            CircuitBytes.seal(input, 2, circuit.incarnation(), Apparatus.EPOCH, this::renumber);
        }
        int step = (how & 32) != 0 ? input.length : 1500;
        for (int at = 2; at < input.length; at += step) {
            CircuitBytes.feed(channel, input, at, Math.min(input.length, at + step));
            if ((how & 8) != 0) {
                client.fault(reader, 1, ++request, (page + at) & 15, 1);
            }
            if ((how & 16) != 0 && anyWriter) {
                client.fault(reader, 2, ++request, page, 2);
                client.force(reader, 0, Apparatus.PAGES, done -> {});
            }
            loopOwner.runPendingTasks();
            CircuitBytes.discardOutput(channel, this::look);
        }
        client.onTick(System.nanoTime());
        client.lineLost(reader, 0);
        client.lineLost(reader, 1);
        client.lineLost(reader, 2);
        channel.close();
        channel.runPendingTasks();
        loopOwner.runPendingTasks();
        CircuitBytes.discardOutput(channel, this::look);
        channel.finishAndReleaseAll();
        allocator.mustBeEmpty();
    }
}
