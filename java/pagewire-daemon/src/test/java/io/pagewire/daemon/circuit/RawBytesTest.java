package io.pagewire.daemon.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.pagewire.daemon.fuzz.CountingAllocator;
import io.pagewire.wire.PeerLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes outside of messages: where they end up, however the stream is cut. */
class RawBytesTest {
    private static final int INCARNATION = 3;
    private static final long EPOCH = 99;
    private static final int[] LENGTHS = {1, 300, 77, 31, 32, 64};

    private final CountingAllocator allocator = new CountingAllocator();
    private final List<String> seen = new ArrayList<>();

    /** Gives each FRAME memory of its own, and writes down what comes. */
    private final class Taker implements CircuitEvents {
        private ByteBuffer memory;
        private long number;

        @Override
        public String message(Circuit from, int type, ByteBuf bytes, int at, int length) {
            if (type == PeerLayout.FRAME) {
                number = bytes.getLongLE(at + PeerLayout.FRAME_NUMBER);
                memory = ByteBuffer.allocateDirect(bytes.getIntLE(at + PeerLayout.FRAME_USED) + 2);
                from.receive(memory.duplicate().position(1).limit(memory.capacity() - 1));
                seen.add("frame " + number);
            } else {
                seen.add("type " + type);
            }
            return number == 13 ? "a bad number" : null;
        }

        @Override
        public String received(Circuit from) {
            StringBuilder text = new StringBuilder("whole " + number);
            for (int i = 1; i < memory.capacity() - 1; i++) {
                if (memory.get(i) != content(number, i - 1)) {
                    text.append(" wrong at ").append(i - 1);
                }
            }
            if (memory.get(0) != 0 || memory.get(memory.capacity() - 1) != 0) {
                text.append(" beside its memory");
            }
            seen.add(text.toString());
            return null;
        }

        @Override
        public void closed(Circuit which, String reason) {
            seen.add("closed: " + reason);
        }
    }

    private static byte content(long number, int at) {
        return (byte) (number * 31 + at * 7 + 1);
    }

    private static void frame(Circuit circuit, long number, int length) {
        ByteBuf message = circuit.begin(PeerLayout.FRAME, PeerLayout.FRAME_LENGTH);
        circuit.send(
                message.writeLongLE(number).writeLongLE(0).writeIntLE(length).writeIntLE(0));
        ByteBuf raw = circuit.channel().alloc().directBuffer(length);
        for (int i = 0; i < length; i++) {
            raw.writeByte(content(number, i));
        }
        circuit.channel().writeAndFlush(raw);
    }

    /** Takes what is written, which never leaves. */
    private static final class Clogged extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
        }
    }

    @Test
    void shouldCloseWhenThePeerDoesNotTakeTheLastWord() {
        EmbeddedChannel channel = new EmbeddedChannel(new Clogged());
        Circuit circuit = new Circuit(new Taker());
        channel.pipeline().addLast(circuit);
        circuit.sendLast(PeerLayout.BYE, 1, "enough");
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isTrue();
        channel.advanceTimeBy(1, TimeUnit.MINUTES);
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThat(seen).containsExactly("closed: enough");
    }

    /** Beats, then frames with and without messages between them. */
    private static byte[] stream() {
        return CircuitBytes.of(INCARNATION, EPOCH, circuit -> {
            circuit.sendBeat(PeerLayout.ECHO, 1);
            for (int i = 0; i < LENGTHS.length; i++) {
                frame(circuit, i + 1, LENGTHS[i]);
                if (i % 2 == 0) {
                    circuit.sendBeat(PeerLayout.ECHO, 2);
                }
            }
        });
    }

    private static List<String> expected() {
        List<String> all = new ArrayList<>(List.of("type 5"));
        for (int i = 0; i < LENGTHS.length; i++) {
            all.add("frame " + (i + 1));
            all.add("whole " + (i + 1));
            if (i % 2 == 0) {
                all.add("type 5");
            }
        }
        return all;
    }

    private Circuit circuit() {
        Circuit circuit = new Circuit(new Taker());
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(circuit);
        circuit.bind(7, INCARNATION, EPOCH);
        return circuit;
    }

    private static EmbeddedChannel channel(Circuit circuit) {
        return (EmbeddedChannel) circuit.channel();
    }

    private void close(Circuit circuit) {
        CircuitBytes.discardOutput(channel(circuit));
        channel(circuit).finishAndReleaseAll();
        allocator.mustBeEmpty();
    }

    @Test
    void shouldPutEveryByteWhereItBelongsWhereverTheStreamIsCut() {
        byte[] bytes = stream();
        for (int cut = 0; cut <= bytes.length; cut++) {
            seen.clear();
            Circuit circuit = circuit();
            CircuitBytes.feed(channel(circuit), bytes, 0, cut);
            CircuitBytes.feed(channel(circuit), bytes, cut, bytes.length);
            assertThat(seen).as("cut at %d", cut).isEqualTo(expected());
            assertThat(circuit.counters().receivedBytes).isEqualTo(bytes.length);
            close(circuit);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 31, 32, 33, 55, 56, 57, 63, 64, 65, 100, 500})
    void shouldReadTheSameInPiecesOfAnySizeAndFromBuffersOfOthers(int piece) {
        byte[] bytes = stream();
        for (boolean lent : new boolean[] {true, false}) {
            seen.clear();
            Circuit circuit = circuit();
            for (int at = 0; at < bytes.length; at += piece) {
                int end = Math.min(bytes.length, at + piece);
                if (lent) {
                    CircuitBytes.feed(channel(circuit), bytes, at, end);
                } else {
                    channel(circuit)
                            .writeInbound(allocator.directBuffer(end - at).writeBytes(bytes, at, end - at));
                }
            }
            assertThat(seen).as("lent: %s", lent).isEqualTo(expected());
            close(circuit);
        }
    }

    @Test
    void shouldSayNothingOfAFrameThatIsCutShort() {
        byte[] bytes = stream();
        int within = PeerLayout.HEADER_LENGTH
                + PeerLayout.BEAT_LENGTH // echo
                + PeerLayout.HEADER_LENGTH
                + PeerLayout.FRAME_LENGTH
                + 1 // frame 1
                + PeerLayout.HEADER_LENGTH
                + PeerLayout.BEAT_LENGTH // echo
                + PeerLayout.HEADER_LENGTH
                + PeerLayout.FRAME_LENGTH
                + 299; // frame 2 less one byte
        Circuit circuit = circuit();
        CircuitBytes.feed(channel(circuit), bytes, 0, within);
        assertThat(circuit.counters().receivedBytes).as("what has come counts").isEqualTo(within);
        channel(circuit).close();
        assertThat(seen)
                .startsWith("type 5", "frame 1", "whole 1", "type 5", "frame 2")
                .hasSize(6)
                .last()
                .asString()
                .startsWith("closed");
        close(circuit);
    }

    @Test
    void shouldNotTouchTheMemoryAfterTheCircuitWasClosed() {
        MessageReader reader = new MessageReader();
        ByteBuffer memory = ByteBuffer.allocateDirect(100);
        reader.receive(memory);
        ByteBuf lent = reader.continued();
        lent.writeZero(10);
        reader.stop();
        assertThat(reader.continued()).isNull();
        assertThat(reader.feed(lent, allocator, (type, bytes, at, length) -> "must not come"))
                .isNull();
        lent.release();
        ByteBuf more = allocator.directBuffer(50).writeBytes(new byte[50]);
        assertThat(reader.feed(more, allocator, (type, bytes, at, length) -> "must not come"))
                .isNull();
        more.release();
        assertThat(reader.rawLeft()).isZero();
        allocator.mustBeEmpty();
    }

    @Test
    void shouldKeepRawBytesToo_whenTheCircuitIsHeld() {
        byte[] bytes = stream();
        Circuit circuit = circuit();
        circuit.hold();
        Random random = new Random(3);
        for (int at = 0; at < bytes.length; ) {
            int end = Math.min(bytes.length, at + random.nextInt(1, 90));
            channel(circuit).writeInbound(allocator.directBuffer(end - at).writeBytes(bytes, at, end - at));
            at = end;
        }
        assertThat(seen).isEmpty();
        circuit.resume();
        assertThat(seen).isEqualTo(expected());
        close(circuit);
    }

    @Test
    void shouldLendPartsOfOneMegabyteAtMost() {
        MessageReader reader = new MessageReader();
        reader.receive(ByteBuffer.allocateDirect((2 << 20) + 5));
        List<Integer> parts = new ArrayList<>();
        boolean[] whole = {false};
        MessageReader.Sink sink = new MessageReader.Sink() {
            @Override
            public String message(int type, ByteBuf bytes, int payload, int length) {
                return "no message";
            }

            @Override
            public void rawBytes(int count) {
                parts.add(count);
            }

            @Override
            public String rawComplete() {
                whole[0] = true;
                return null;
            }
        };
        for (ByteBuf lent = reader.continued(); lent != null; lent = reader.continued()) {
            lent.writerIndex(lent.capacity());
            assertThat(reader.feed(lent, allocator, sink)).isNull();
            lent.release();
        }
        assertThat(parts).containsExactly(1 << 20, 1 << 20, 5);
        assertThat(whole[0]).isTrue();
        reader.close();
    }

    @Test
    void shouldCloseWhenTheAnnouncementIsRefused() {
        byte[] bytes = CircuitBytes.of(INCARNATION, EPOCH, circuit -> frame(circuit, 13, 500));
        Circuit circuit = circuit();
        CircuitBytes.feed(channel(circuit), bytes, 0, bytes.length);
        assertThat(seen).containsExactly("frame 13", "closed: a bad number");
        close(circuit);
    }
}
