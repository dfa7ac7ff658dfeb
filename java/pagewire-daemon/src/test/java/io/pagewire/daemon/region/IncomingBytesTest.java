package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pagewire.core.Right;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Messages with bytes of pages, as home reads them. */
class IncomingBytesTest {
    private static final int PAGE = 4096;

    private final IncomingBytes incoming = new IncomingBytes(PAGE);

    private static ByteBuf message(long first, int count, int left, int present, int data) {
        ByteBuf bytes = Unpooled.directBuffer();
        bytes.writeLongLE(first).writeIntLE(count).writeIntLE(5).writeIntLE(9);
        bytes.writeByte(left).writeByte(present).writeShortLE(0);
        for (int i = 0; i < data; i++) {
            bytes.writeByte(i / PAGE + 1);
        }
        return bytes;
    }

    private String read(long first, int count, int left, int present, int data) {
        ByteBuf bytes = message(first, count, left, present, data);
        try {
            return incoming.read("WRITEBACK", bytes, 0, bytes.readableBytes());
        } finally {
            incoming.done();
            bytes.release();
        }
    }

    @Test
    void shouldRefuseWhatIsNotWholePagesInAMessageOf64KiB() {
        assertThat(read(1, 16, 1, 1, 16 * PAGE)).isNull();
        assertThat(read(1, 1, 0, 0, 0)).isNull();
        assertThat(read(1, 17, 1, 1, 17 * PAGE)).contains("17 pages");
        assertThat(read(1, 0, 1, 1, 0)).contains("0 pages");
        assertThat(read(1, -1, 1, 1, 0)).contains("-1 pages");
        assertThat(read(1, 1 << 20, 1, 1, 0)).isNotNull();
        assertThat(read(1, 2, 1, 1, 2 * PAGE - 1)).isNotNull();
        assertThat(read(1, 1, 1, 0, PAGE))
                .as("bytes that are said not to be there")
                .isNotNull();
        assertThat(read(1, 1, 2, 1, PAGE))
                .as("a client that keeps write access")
                .isNotNull();
        assertThat(read(1, 1, 3, 1, PAGE)).isNotNull();
        assertThat(read(1, 1, 1, 2, PAGE)).isNotNull();
        ByteBuf one = message(1, 1, 1, 1, PAGE);
        for (int length = 0; length < PAGE; length += 7) {
            assertThat(incoming.read("WRITEBACK", one, 0, length)).isNotNull();
        }
        one.release();
    }

    @Test
    void shouldStoreTheAskedPartOfTheMessageThatIsBeingHandledAndNothingAfterwards() throws IOException {
        try (MemorySource source = MemorySource.create("incoming", 8 * PAGE)) {
            ByteBuf bytes = message(2, 3, 1, 1, 3 * PAGE);
            assertThat(incoming.read("WRITEBACK", bytes, 0, bytes.readableBytes()))
                    .isNull();
            assertThat(incoming.left()).isEqualTo(Right.READ);
            assertThat(incoming.tag()).isEqualTo(5);
            assertThat(incoming.grantNumber()).isEqualTo(9);
            assertThat(incoming.store(source, 3, 2)).isZero();
            assertThatIllegalStateException().isThrownBy(() -> incoming.store(source, 4, 2));
            incoming.done();
            assertThatIllegalStateException().isThrownBy(() -> incoming.store(source, 3, 1));
            bytes.release();
            assertThat(first(source, 2)).isZero();
            assertThat(first(source, 3)).isEqualTo((byte) 2);
            assertThat(first(source, 4)).isEqualTo((byte) 3);
        }
    }

    private static byte first(MemorySource source, int page) {
        ByteBuf to = Unpooled.directBuffer(PAGE);
        assertThat(source.read(to, (long) page * PAGE, PAGE)).isEqualTo(PageSource.READ);
        byte first = to.getByte(0);
        to.release();
        return first;
    }

    @Test
    void shouldTakeASinglePageThatIsLargerThanAMessage() {
        IncomingBytes large = new IncomingBytes(2 << 20);
        ByteBuf bytes = Unpooled.directBuffer().writeLongLE(0).writeIntLE(1).writeIntLE(0);
        bytes.writeIntLE(1).writeByte(0).writeByte(1).writeShortLE(0).writeZero(2 << 20);
        assertThat(large.read("HANDBACK", bytes, 0, bytes.readableBytes())).isNull();
        assertThat(bytes.readableBytes()).isLessThanOrEqualTo(PeerLayout.MAX_PAYLOAD);
        large.done();
        bytes.release();
    }
}
