package io.pagewire.daemon.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.wire.PeerLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The call setup, there and back. */
class SetupRequestTest {
    private static final SetupRequest SETUP = new SetupRequest(
            -5, 17, 0x660000000000L, 1 << 20, 4096, 1000, 42, 1, 1, 0, 1000, true, 0, "host-b", "prices/\u00e9u");

    private static ByteBuf payload() {
        Circuit circuit = new Circuit(null);
        EmbeddedChannel channel = new EmbeddedChannel();
        circuit.events(new CircuitEvents() {
            @Override
            public String message(Circuit c, int type, ByteBuf bytes, int at, int length) {
                return null;
            }

            @Override
            public void closed(Circuit c, String reason) {}
        });
        channel.pipeline().addLast(circuit);
        SETUP.send(circuit);
        ByteBuf message = channel.readOutbound();
        channel.finishAndReleaseAll();
        return message.skipBytes(PeerLayout.HEADER_LENGTH);
    }

    @Test
    void shouldComeBackAsItWasSent() {
        ByteBuf bytes = payload();
        assertThat(SetupRequest.problem(bytes, bytes.readerIndex(), bytes.readableBytes()))
                .isNull();
        assertThat(SetupRequest.read(bytes, bytes.readerIndex())).isEqualTo(SETUP);
        bytes.release();
    }

    @Test
    void shouldSayWhatIsWrongInsteadOfReadingBeyondTheEnd() {
        ByteBuf good = payload();
        for (int length = 0; length < good.readableBytes(); length++) {
            assertThat(SetupRequest.problem(good, good.readerIndex(), length)).isNotNull();
        }
        Random random = new Random(7);
        for (int round = 0; round < 50_000; round++) {
            ByteBuf bytes = Unpooled.copiedBuffer(good);
            for (int i = 0; i < 4; i++) {
                bytes.setByte(random.nextInt(bytes.writerIndex()), random.nextInt());
            }
            if (SetupRequest.problem(bytes, 0, bytes.readableBytes()) == null) {
                SetupRequest.read(bytes, 0);
            }
            bytes.release();
        }
        good.release();
    }
}
