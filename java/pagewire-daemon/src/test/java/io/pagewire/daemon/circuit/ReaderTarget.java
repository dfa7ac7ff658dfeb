package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.fuzz.CountingAllocator;
import io.pagewire.daemon.fuzz.FuzzTarget;
import io.pagewire.wire.PeerLayout;
import java.util.List;

/**
 * The stream of a circuit as the reader cuts it into messages, and the payloads that are decoded apart: SETUP, and the reason
 * in REFUSE and BYE. The first byte of an input says how the rest is sealed and cut.
 *
 * <p>For use by one thread.
 */
public final class ReaderTarget implements FuzzTarget {
    private final CountingAllocator allocator = new CountingAllocator();

    @Override
    public String name() {
        return "circuit-reader";
    }

    @Override
    public List<byte[]> corpus() {
        return List.of(
                CallTalk.with(0, CircuitBytes.of(3, Apparatus.EPOCH, CallTalk::call)),
                CallTalk.with(1, CircuitBytes.of(3, Apparatus.EPOCH, circuit -> {
                    circuit.sendBeat(PeerLayout.HEARTBEAT, 5);
                    circuit.sendRange(PeerLayout.PURGE, 3, 2, 9);
                    circuit.sendLast(PeerLayout.BYE, 1, "the owner's dsmd is stopping");
                })),
                CallTalk.with(2, CircuitBytes.of(3, Apparatus.EPOCH, circuit -> {
                    ByteBuf pages = circuit.begin(PeerLayout.PAGES, PeerLayout.PAGES_DATA + 1024);
                    circuit.send(pages.writeIntLE(1)
                            .writeIntLE(1)
                            .writeLongLE(3)
                            .writeIntLE(1)
                            .writeIntLE(1)
                            .writeZero(1024));
                    circuit.sendBeat(PeerLayout.ECHO, 5);
                })),
                CallTalk.with(
                        3,
                        CircuitBytes.of(
                                3,
                                Apparatus.EPOCH,
                                circuit -> circuit.sendLast(
                                        PeerLayout.REFUSE, 3, "the caller uses another directory than host a"))));
    }

    @Override
    public void run(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int how = input[0];
        if ((how & 7) != 7) {
            CircuitBytes.seal(input, 1, 3, Apparatus.EPOCH, CircuitBytes.Patch.NONE);
        }
        MessageReader reader = new MessageReader();
        if ((how & 8) != 0) {
            reader.bind(3, Apparatus.EPOCH);
        }
        int step = (how & 16) != 0 ? input.length : Math.max(1 + (how >>> 5 & 7) * 11, input.length / 32);
        String problem = null;
        for (int at = 1; at < input.length && problem == null; at += step) {
            int length = Math.min(step, input.length - at);
            ByteBuf begun = reader.continued();
            ByteBuf in = begun != null && begun.writableBytes() >= length ? begun : allocator.directBuffer(length);
            if (begun != null && in != begun) {
                begun.release();
            }
            problem = reader.feed(in.writeBytes(input, at, length), allocator, ReaderTarget::message);
            in.release();
        }
        if (problem != null && problem.length() > 400) {
            throw new AssertionError("a reason of " + problem.length() + " characters");
        }
        reader.close();
        allocator.mustBeEmpty();
    }

    private static String message(int type, ByteBuf bytes, int at, int length) {
        if (length < 0 || at + length > bytes.writerIndex() || length > PeerLayout.MAX_PAYLOAD) {
            throw new AssertionError("a message of " + length + " bytes that is not there");
        }
        if (type == PeerLayout.SETUP) {
            String problem = SetupRequest.problem(bytes, at, length);
            if (problem == null) {
                SetupRequest setup = SetupRequest.read(bytes, at);
                if (setup.regionId() < 0
                        || setup.host().isEmpty()
                        || setup.region().isEmpty()) {
                    throw new AssertionError("accepted: " + setup);
                }
            }
            return problem;
        }
        if (type == PeerLayout.REFUSE || type == PeerLayout.BYE) {
            Reason reason = Reason.read(bytes, at, length);
            return reason == null ? "malformed reason" : null;
        }
        return null;
    }
}
