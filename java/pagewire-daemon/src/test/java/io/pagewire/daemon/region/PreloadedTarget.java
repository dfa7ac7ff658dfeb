package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.circuit.CallTalk;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitBytes;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.fuzz.CountingAllocator;
import io.pagewire.daemon.fuzz.FuzzTarget;
import io.pagewire.daemon.local.LocalDoor;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.sys.MappedMemory;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.util.List;

/**
 * An owner that says anything to a real preloaded region, from the answer to its call on, while a program stores, publishes,
 * refreshes and forces. The first byte of an input says how the stream is sealed and cut, and what the program does.
 *
 * <p>For use by one thread.
 */
public final class PreloadedTarget implements FuzzTarget {
    private static final int INPUTS_PER_REGION = 64;
    private static final int PUBLISHES = 8;
    private static final int FORCES = 16;
    private static final int UNFILLED = 64;

    private final CountingAllocator allocator = new CountingAllocator();
    private final RegionContext context;
    private EmbeddedChannel loopOwner;
    private PreloadedRuntime region;
    private Mapping program;
    private MappedMemory memory;
    private int used;
    private int newestRequest;

    public PreloadedTarget() throws Exception {
        context = Apparatus.context(Runnable::run); // it takes memory and looks for changes, and both end soon
    }

    @Override
    public String name() {
        return "circuit-preloaded";
    }

    @Override
    public int longest() {
        return 80 << 10;
    }

    @Override
    public List<byte[]> corpus() {
        return List.of(
                talk(0, circuit -> {
                    answer(circuit, PeerLayout.REFRESHING, 1, 0, 4);
                    pages(circuit, 1, 0, 8);
                    pages(circuit, 1, 8, 8);
                    answer(circuit, PeerLayout.REFRESHED, 1, 0, 5);
                }),
                talk(UNFILLED, circuit -> {
                    answer(circuit, PeerLayout.REFRESHING, 1, 0, 4);
                    pages(circuit, 1, 3, 1);
                    answer(circuit, PeerLayout.REFRESHING, 1, 7, 4);
                    pages(circuit, 1, 9, 2);
                    answer(circuit, PeerLayout.REFRESHED, 1, 7, 0);
                }),
                talk(PUBLISHES, circuit -> {
                    answer(circuit, PeerLayout.PUBLISHED, 1, 7, 0);
                    answer(circuit, PeerLayout.PUBLISHED, 2, 0, 3);
                    pages(circuit, 3, 3, 1);
                    answer(circuit, PeerLayout.REFRESHED, 3, 0, 9);
                }),
                talk(PUBLISHES | FORCES, circuit -> {
                    answer(circuit, PeerLayout.PUBLISHED, 1, 0, 0);
                    answer(circuit, PeerLayout.PUBLISHED, 2, 0, 3);
                    circuit.send(circuit.begin(PeerLayout.FORCED, PeerLayout.FORCE_LENGTH)
                            .writeIntLE(3)
                            .writeIntLE(0));
                    circuit.sendBeat(PeerLayout.ECHO, 1);
                    circuit.sendLast(PeerLayout.BYE, 1, "the owner's dsmd is stopping");
                }));
    }

    private static byte[] talk(int control, CircuitBytes.Talk more) {
        return CallTalk.with(control, CircuitBytes.of(3, Apparatus.EPOCH, circuit -> {
            ByteBuf accept = circuit.begin(PeerLayout.ACCEPT, PeerLayout.ACCEPT_LENGTH);
            accept.writeLongLE((long) Apparatus.PAGES * Apparatus.PAGE)
                    .writeIntLE(Apparatus.PAGE)
                    .writeIntLE(2500);
            circuit.send(accept);
            more.on(circuit);
        }));
    }

    private static void pages(Circuit circuit, int request, long first, int count) {
        int bytes = count * Apparatus.PAGE;
        ByteBuf message = circuit.begin(PeerLayout.PAGES, PeerLayout.PAGES_DATA + bytes);
        message.writeIntLE(request).writeIntLE(count).writeLongLE(first);
        circuit.send(message.writeIntLE(1).writeIntLE(0).writeZero(bytes));
    }

    private static void answer(Circuit circuit, int type, int request, int cause, long value) {
        ByteBuf message = circuit.begin(type, PeerLayout.SYNC_LENGTH);
        circuit.send(message.writeIntLE(request).writeIntLE(cause).writeLongLE(value));
    }

    private void open() throws Exception {
        loopOwner = new EmbeddedChannel();
        region = new PreloadedRuntime(context, Apparatus.region("a", true), loopOwner.eventLoop(), closed -> {});
        program = LocalDoor.open(region, context);
        memory = MappedMemory.of(region.frames().descriptor(), region.record().span());
        loopOwner.runPendingTasks();
        used = 0;
        newestRequest = 0;
    }

    @Override
    public void close() {
        if (region != null) {
            region.close();
            loopOwner.runPendingTasks();
            loopOwner.finishAndReleaseAll();
            Descriptors.close(memory);
            region = null;
        }
    }

    @Override
    public void run(byte[] input) throws Exception {
        if (input.length < 1) {
            return;
        }
        int how = input[0];
        boolean unfilled = (how & (UNFILLED | 128)) == UNFILLED;
        if (region == null || ++used > INPUTS_PER_REGION || unfilled) {
            close();
            open();
            if (!unfilled) {
                talk(corpus().get(0).clone());
            }
        }
        if (region.filling().isDone()) { // what an earlier input left undone
            region.exchanges().endAll(FaultCause.CLOSED, FaultCause.CLOSED.text());
        }
        work(how, input.length);
        talk(input);
    }

    private void talk(byte[] input) throws Exception {
        int how = input[0];
        Circuit circuit = new Circuit(Unanswered.INSTANCE);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(circuit);
        region.calls().call(Apparatus.owner("a"), circuit);
        if ((how & 7) != 7) {
            CircuitBytes.seal(input, 1, circuit.incarnation(), Apparatus.EPOCH, this::renumber);
        }
        int end = 1 + PeerLayout.HEADER_LENGTH + PeerLayout.ACCEPT_LENGTH; // what is asked is answered later
        for (int at = 1; at < input.length; end = (how & 32) != 0 ? input.length : end + 1500) {
            CircuitBytes.feed(channel, input, at, Math.min(input.length, end));
            at = Math.min(input.length, end);
            loopOwner.runPendingTasks();
            CircuitBytes.discardOutput(channel, this::look);
            work(how, at);
        }
        region.onTick(System.nanoTime());
        channel.close();
        channel.runPendingTasks();
        loopOwner.runPendingTasks();
        CircuitBytes.discardOutput(channel, this::look);
        channel.finishAndReleaseAll();
        allocator.mustBeEmpty();
    }

    /** What the program does; a request that waits for the circuit is enough. */
    private void work(int how, int number) {
        for (int page = 0; page < 4; page += 3) { // those that the corpus answers for
            long at = (long) page * Apparatus.PAGE + (number >>> 4 & 511) * 8L;
            memory.word(at, memory.word(at) + 1);
        }
        if (!region.exchanges().isIdle()) {
            return;
        }
        if ((how & PUBLISHES) != 0) {
            region.publish(program, done -> {});
        }
        if ((how & FORCES) != 0) {
            region.force(program, 0, Apparatus.PAGES, done -> {});
        }
        region.refresh(program, done -> {});
        loopOwner.runPendingTasks();
    }

    /** Answers to requests that may be open. */
    private void renumber(int type, ByteBuf bytes, int at, int length) {
        if (length >= PeerLayout.FORCE_LENGTH && type != PeerLayout.ACCEPT && type != PeerLayout.ECHO) {
            CircuitBytes.move(bytes, at + PeerLayout.SYNC_REQUEST, newestRequest);
        }
    }

    private void look(int type, ByteBuf bytes, int at, int length) {
        if (type == PeerLayout.REFRESH || type == PeerLayout.PUBLISH || type == PeerLayout.FORCE) {
            newestRequest = Math.max(newestRequest, bytes.getIntLE(at + PeerLayout.SYNC_REQUEST));
        }
    }
}
