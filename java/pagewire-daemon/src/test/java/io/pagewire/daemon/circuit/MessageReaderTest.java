package io.pagewire.daemon.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reader passes on, and what it refuses. */
class MessageReaderTest {
    private static final PooledByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private final List<String> seen = new ArrayList<>();
    private final MessageReader reader = new MessageReader();

    private String record(int type, ByteBuf bytes, int payload, int length) {
        StringBuilder text = new StringBuilder().append(type).append(':');
        for (int i = 0; i < length; i++) {
            text.append(String.format("%02x", bytes.getByte(payload + i)));
        }
        seen.add(text.toString());
        return null;
    }

    private String feed(ByteBuf bytes) {
        try {
            return reader.feed(bytes, ALLOCATOR, this::record);
        } finally {
            bytes.release();
        }
    }

    /** Bytes as a circuit writes them: heartbeats and a purge. */
    private static ByteBuf stream(int messages) {
        Circuit circuit = new Circuit(Silent.INSTANCE);
        EmbeddedChannel channel = new EmbeddedChannel(circuit);
        circuit.bind(7, 3, 99);
        ByteBuf all = ALLOCATOR.directBuffer();
        for (int i = 0; i < messages; i++) {
            if (i % 2 == 0) {
                circuit.sendBeat(PeerLayout.HEARTBEAT, i);
            } else {
                circuit.sendRange(PeerLayout.PURGE, i, 1, 5);
            }
        }
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        channel.finishAndReleaseAll();
        return all;
    }

    private enum Silent implements CircuitEvents {
        INSTANCE;

        @Override
        public String message(Circuit circuit, int type, ByteBuf bytes, int payload, int length) {
            return null;
        }

        @Override
        public void closed(Circuit circuit, String reason) {}
    }

    @Test
    void shouldReadTheSameMessagesHoweverTheStreamIsCut() {
        assertThat(feed(stream(6))).isNull();
        List<String> whole = List.copyOf(seen);
        assertThat(whole).hasSize(6).first().asString().isEqualTo("4:0000000000000000");
        for (int piece = 1; piece < 100; piece++) {
            seen.clear();
            MessageReader cut = new MessageReader();
            ByteBuf bytes = stream(6);
            while (bytes.isReadable()) {
                ByteBuf part = bytes.readBytes(Math.min(piece, bytes.readableBytes()));
                assertThat(cut.feed(part, ALLOCATOR, this::record)).isNull();
                part.release();
            }
            bytes.release();
            cut.close();
            assertThat(seen).as("pieces of %d bytes", piece).isEqualTo(whole);
        }
    }

    @Test
    void shouldRefuseEveryMessageWithOneByteChanged() {
        int length = stream(1).readableBytes();
        for (int at = 0; at < length; at++) {
            seen.clear();
            ByteBuf bytes = stream(1);
            bytes.setByte(at, bytes.getByte(at) ^ 0x10);
            MessageReader fresh = new MessageReader();
            String problem = fresh.feed(bytes, ALLOCATOR, this::record);
            fresh.close();
            bytes.release();
            assertThat(seen).as("byte %d changed", at).isEmpty();
            // A longer length only makes the reader wait for bytes that never come.
            assertThat(problem != null || at >= PeerLayout.LENGTH && at < PeerLayout.CRC)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, PeerLayout.MAX_PAYLOAD + 1, 9})
    void shouldRefuseALengthBeforeReadingAnythingOfThePayload(int length) {
        ByteBuf bytes = stream(1);
        bytes.setIntLE(PeerLayout.LENGTH, length);
        assertThat(feed(bytes)).contains("claims a payload");
    }

    @Test
    void shouldRefuseAGapInTheSequence() {
        ByteBuf bytes = stream(3);
        int first = PeerLayout.HEADER_LENGTH + PeerLayout.BEAT_LENGTH;
        int second = PeerLayout.HEADER_LENGTH + PeerLayout.RANGE_LENGTH;
        ByteBuf gap = ALLOCATOR.directBuffer().writeBytes(bytes, 0, first);
        gap.writeBytes(bytes, first + second, first);
        bytes.release();
        assertThat(feed(gap)).contains("came instead of 1");
        assertThat(seen).hasSize(1);
    }

    @Test
    void shouldRefuseAnotherEpochOrIncarnation() {
        reader.bind(3, 98);
        assertThat(feed(stream(1))).contains("another epoch");
        MessageReader other = new MessageReader();
        other.bind(4, 99);
        ByteBuf bytes = stream(1);
        assertThat(other.feed(bytes, ALLOCATOR, this::record)).contains("another incarnation");
        bytes.release();
        assertThat(seen).isEmpty();
    }

    @Test
    void shouldNeitherThrowNorPassAnythingOnWhenFedGarbage() {
        Random random = new Random(20261121);
        for (int round = 0; round < 20_000; round++) {
            MessageReader fresh = new MessageReader();
            ByteBuf bytes =
                    round % 2 == 0 ? stream(2) : ALLOCATOR.directBuffer().writeZero(random.nextInt(1, 200));
            int changes = random.nextInt(1, 8);
            for (int i = 0; i < changes; i++) {
                bytes.setByte(random.nextInt(bytes.writerIndex()), random.nextInt());
            }
            seen.clear();
            String problem = fresh.feed(bytes, ALLOCATOR, this::record);
            assertThat(seen).hasSizeLessThanOrEqualTo(2);
            if (problem == null) {
                fresh.close();
            }
            bytes.release();
        }
    }

    @Test
    void shouldKeepWhatFollowsAMessageUntilItIsResumed() {
        ByteBuf all = stream(6);
        int half = all.readableBytes() / 2 + 5;
        ByteBuf begun = ALLOCATOR.directBuffer().writeBytes(all, 0, half);
        MessageReader.Sink holding = (type, bytes, payload, length) -> {
            reader.hold();
            return record(type, bytes, payload, length);
        };
        assertThat(reader.feed(begun, ALLOCATOR, holding)).isNull();
        begun.release();
        assertThat(seen).hasSize(1);

        assertThat(feed(ALLOCATOR.directBuffer().writeBytes(all, half, all.readableBytes() - half)))
                .isNull();
        assertThat(seen).as("still held").hasSize(1);

        assertThat(reader.resume(ALLOCATOR, this::record)).isNull();
        assertThat(seen).hasSize(6);
        assertThat(reader.resume(ALLOCATOR, this::record)).isNull();
        all.release();
        reader.close();
    }
}
