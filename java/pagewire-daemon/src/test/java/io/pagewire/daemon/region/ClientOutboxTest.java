package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.memory.MemoryFrames;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Written pages on their way home over a circuit whose peer takes them at once, or takes its time. */
class ClientOutboxTest {
    private static final int PAGE = 4096;
    private static final int PAGES = 400;

    private final Circuit circuit = new Circuit(Unanswered.INSTANCE);
    private final EmbeddedChannel channel = new EmbeddedChannel(circuit);
    private MemoryFrames frames;
    private ClientOutbox outbox;

    @BeforeEach
    void open() throws IOException {
        frames = MemoryFrames.create("outbox", (long) PAGES * PAGE);
        for (int page = 0; page < PAGES; page++) {
            store(page, page);
        }
        outbox = new ClientOutbox(circuit, frames, PAGE);
    }

    @AfterEach
    void close() {
        frames.close();
        channel.finishAndReleaseAll();
    }

    private void store(int page, int value) {
        ByteBuf bytes = Unpooled.directBuffer(PAGE).writeZero(PAGE).setByte(0, value);
        assertThat(frames.write(bytes, 0, PAGE, (long) page * PAGE)).isTrue();
        bytes.release();
    }

    private void peerTakesMore(boolean more) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, more);
        channel.runPendingTasks();
    }

    private List<String> sent() {
        List<String> messages = new ArrayList<>();
        for (ByteBuf m = channel.readOutbound(); m != null; m = channel.readOutbound()) {
            int at = PeerLayout.HEADER_LENGTH;
            String text = switch (m.getUnsignedByte(PeerLayout.TYPE)) {
                case PeerLayout.WRITEBACK -> "back ";
                case PeerLayout.HANDBACK -> "hand ";
                case PeerLayout.RECALLED -> "recalled ";
                default -> "other ";
            };
            text += m.getLongLE(at + PeerLayout.RANGE_FIRST) + "+" + m.getIntLE(at + PeerLayout.RANGE_COUNT);
            text += " g" + m.getIntLE(at + PeerLayout.Bytes.GRANT);
            if (m.getByte(at + PeerLayout.Bytes.PRESENT) == 1) {
                text += " =" + m.getUnsignedByte(at + PeerLayout.Bytes.DATA);
            }
            messages.add(text);
            m.release();
        }
        return messages;
    }

    @Test
    void shouldSendALongRunInMessagesOf64KiB() {
        outbox.add(PeerLayout.WRITEBACK, 2, 38, Right.READ, 9);
        assertThat(sent()).containsExactly("back 2+16 g9 =2", "back 18+16 g9 =18", "back 34+6 g9 =34");
    }

    @Test
    void shouldKeepPageNumbersAndNotBytesWhileThePeerTakesNothing() {
        peerTakesMore(false);
        for (int page = 0; page < 300; page += 2) {
            outbox.add(PeerLayout.WRITEBACK, page, 1, Right.READ, page + 1);
        }
        assertThat(sent()).isEmpty();
        store(4, 200); // what leaves is what stands in the frame when it leaves

        peerTakesMore(true);
        outbox.drain();

        assertThat(sent()).hasSize(150).startsWith("back 0+1 g1 =0", "back 2+1 g3 =2", "back 4+1 g5 =200");
    }

    @Test
    void shouldSendAheadWhatAMessageAboutThesePagesMustNotOvertakeAndNothingTwice() {
        peerTakesMore(false);
        outbox.add(PeerLayout.WRITEBACK, 10, 20, Right.READ, 3);
        outbox.add(PeerLayout.WRITEBACK, 50, 1, Right.READ, 4);
        outbox.add(PeerLayout.WRITEBACK, 60, 1, Right.READ, 5);
        outbox.before(5, 5);
        outbox.before(30, 20);
        assertThat(sent()).isEmpty();

        outbox.before(12, 2);
        outbox.before(29, 1);
        assertThat(sent()).containsExactly("back 12+2 g3 =12", "back 29+1 g3 =29");

        peerTakesMore(true);
        outbox.drain();
        assertThat(sent())
                .containsExactly("back 10+2 g3 =10", "back 50+1 g4 =50", "back 60+1 g5 =60", "back 14+15 g3 =14");
    }

    @Test
    void shouldAnswerARecallAtOnceBehindWhatWaitsOfItsPage() {
        peerTakesMore(false);
        outbox.add(PeerLayout.WRITEBACK, 7, 1, Right.READ, 3);
        outbox.add(PeerLayout.WRITEBACK, 8, 1, Right.READ, 3);

        outbox.recalled(8, 77, Right.NONE, false, 0);
        outbox.recalled(9, 78, Right.READ, true, 6);

        assertThat(sent()).containsExactly("back 8+1 g3 =8", "recalled 8+1 g0", "recalled 9+1 g6 =9");
    }

    @Test
    void shouldSayOnceWhenNothingWaitsAnyMore() {
        List<String> said = new ArrayList<>();
        peerTakesMore(false);
        outbox.add(PeerLayout.HANDBACK, 0, 40, Right.NONE, 1);
        outbox.whenEmpty(() -> said.add("empty"));
        assertThat(said).isEmpty();

        peerTakesMore(true);
        outbox.drain();
        outbox.drain();

        assertThat(said).containsExactly("empty");
        assertThat(sent()).containsExactly("hand 0+16 g1 =0", "hand 16+16 g1 =16", "hand 32+8 g1 =32");
    }
}
