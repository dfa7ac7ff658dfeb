package io.pagewire.daemon.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.core.link.Path;
import io.pagewire.wire.PeerLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a circuit does while more is to be sent than the way takes. */
class CircuitBulkTest {
    private static final int INCARNATION = 3;
    private static final long EPOCH = 99;
    private static final int PAGE = 4096;

    private final Circuit circuit = new Circuit(new CircuitEvents() {
        @Override
        public String message(Circuit from, int type, ByteBuf bytes, int payload, int length) {
            return "message of type " + type;
        }

        @Override
        public void writable(Circuit which) {
            writable++;
        }

        @Override
        public void closed(Circuit which, String reason) {
            // Nobody waits for it.
        }
    });
    private EmbeddedChannel channel;
    private int writable;

    @BeforeEach
    void open() {
        channel = new EmbeddedChannel(circuit);
        circuit.bind(7, INCARNATION, EPOCH);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void comes(CircuitBytes.Talk talk) {
        channel.writeInbound(Unpooled.wrappedBuffer(CircuitBytes.of(INCARNATION, EPOCH, talk)));
    }

    private String sent() {
        ByteBuf message = channel.readOutbound();
        String text = message.getUnsignedByte(PeerLayout.TYPE) + " " + message.getLongLE(PeerLayout.HEADER_LENGTH);
        message.release();
        return text;
    }

    @Test
    void shouldReadOnWhileThePeerTakesNothing() {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        channel.runPendingTasks();
        assertThat(channel.isWritable()).isFalse();
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void shouldCountEveryReadAsASignOfLifeBeItPartOfAMessage() {
        long before = circuit.reads();
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0x50}));
        assertThat(circuit.reads()).isGreaterThan(before);
        assertThat(circuit.isOpen()).isTrue();
    }

    @Test
    void shouldReturnAMarkAtOnce() {
        comes(peer -> peer.sendBeat(PeerLayout.MARK, 17));
        assertThat(sent()).isEqualTo(PeerLayout.MARKED + " 17");
        assertThat(circuit.isOpen()).isTrue();
    }

    @Test
    void shouldSendNoMoreBulkThanTheWayTakesBeforeAMarkComesBack() {
        circuit.paceBulk(new Path());
        int marks = 0;
        while (circuit.piece(PAGE) > 0) {
            circuit.endPiece(PAGE);
            assertThat(sent()).isEqualTo(PeerLayout.MARK + " " + marks++);
            assertThat(marks).isLessThan(64);
        }
        assertThat(writable).isZero();

        int all = marks;
        comes(peer -> {
            for (int number = 0; number < all; number++) {
                peer.sendBeat(PeerLayout.MARKED, number);
            }
        });

        assertThat(writable).isEqualTo(all);
        assertThat(circuit.piece(PAGE)).isGreaterThanOrEqualTo(PAGE);
    }

    @Test
    void shouldHangUpOnAMarkThatNobodySent() {
        circuit.paceBulk(new Path());
        comes(peer -> peer.sendBeat(PeerLayout.MARKED, 0));
        assertThat(circuit.isOpen()).isFalse();
    }
}
