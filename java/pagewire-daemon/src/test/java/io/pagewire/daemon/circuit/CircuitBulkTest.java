package io.pagewire.daemon.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.core.link.Path;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
            if (type != PeerLayout.PAGES) {
                return "message of type " + type;
            }
            came = ByteBufUtil.getBytes(bytes, payload, length);
            return null;
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
    private byte[] came;

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
            while (!channel.outboundMessages().isEmpty()) { // one without bulk goes first
                assertThat(sent()).isEqualTo(PeerLayout.MARK + " " + marks++);
            }
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

    /** A page of 2 MiB takes longer over a slow link than a lease is long. */
    @Test
    void shouldLetSignsOfLifeOvertakeALargePageAndNothingElse() {
        byte[] content = new byte[2 << 20];
        new Random(1).nextBytes(content);
        circuit.gather();
        circuit.send(circuit.begin(PeerLayout.PAGES, content.length).writeBytes(content));
        circuit.sendRange(PeerLayout.PURGE, 1, 2, 3);
        circuit.sendBeat(PeerLayout.ECHO, 4);
        circuit.flushGathered();

        List<Integer> types = new ArrayList<>();
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf message = channel.readOutbound(); message != null; message = channel.readOutbound()) {
            types.add((int) message.getUnsignedByte(PeerLayout.TYPE));
            all.writeBytes(message);
            message.release();
        }
        assertThat(types).hasSize(66).startsWith(PeerLayout.FRAGMENT, PeerLayout.FRAGMENT, PeerLayout.ECHO);
        assertThat(types.subList(3, 65)).containsOnly(PeerLayout.FRAGMENT);
        assertThat(types).endsWith(PeerLayout.PURGE);
        assertThat(circuit.isOpen()).isTrue();
    }

    @Test
    void shouldPutALargePageTogether() {
        byte[] content = new byte[2 << 20];
        new Random(2).nextBytes(content);
        comes(peer -> peer.send(peer.begin(PeerLayout.PAGES, content.length).writeBytes(content)));
        assertThat(circuit.isOpen()).isTrue();
        assertThat(came).isEqualTo(content);
    }

    @Test
    void shouldHangUpOnAFragmentThatDoesNotGoOnWhereTheOneBeforeEnded() {
        comes(peer -> {
            peer.send(fragment(peer, PeerLayout.PAGES, 1 << 20, 0));
            peer.send(fragment(peer, PeerLayout.PAGES, 1 << 20, 5));
        });
        assertThat(circuit.isOpen()).isFalse();
    }

    @Test
    void shouldHangUpOnAFragmentOfAMessageThatIsNeverCutOrIsTooLong() {
        comes(peer -> peer.send(fragment(peer, PeerLayout.PURGE, 16, 0)));
        assertThat(circuit.isOpen()).isFalse();
    }

    private static ByteBuf fragment(Circuit of, int type, int total, int at) {
        ByteBuf message = of.begin(PeerLayout.FRAGMENT, PeerLayout.FRAGMENT_DATA + 3);
        return message.writeIntLE(type)
                .writeIntLE(total)
                .writeIntLE(at)
                .writeIntLE(0)
                .writeMedium(7);
    }
}
