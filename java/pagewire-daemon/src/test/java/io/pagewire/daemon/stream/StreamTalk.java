package io.pagewire.daemon.stream;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.wire.PeerLayout;
import java.nio.charset.StandardCharsets;

/**
 * What the two ends of a stream's circuit say, true or not.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class StreamTalk {
    private StreamTalk() {}

    static void call(Circuit circuit, int sharingType, long resume) {
        new SetupRequest(
                        77,
                        7,
                        0x6600_0020_0000L,
                        Apparatus.PAGE,
                        Apparatus.PAGE,
                        1000,
                        Apparatus.INCARNATION,
                        sharingType,
                        1,
                        0,
                        1000,
                        false,
                        resume,
                        "b",
                        "video")
                .send(circuit);
    }

    static void accept(Circuit circuit, long span, int pageSize, int dropMs) {
        ByteBuf message = circuit.begin(PeerLayout.ACCEPT, PeerLayout.ACCEPT_LENGTH);
        circuit.send(message.writeLongLE(span).writeIntLE(pageSize).writeIntLE(dropMs));
    }

    static void accept(Circuit circuit) {
        accept(circuit, Apparatus.PAGE, Apparatus.PAGE, 5000);
    }

    /** Says that so many bytes are used, and sends {@code bytes} behind it, each of them the number. */
    static void frame(Circuit circuit, long number, int used, int bytes) {
        ByteBuf message = circuit.begin(PeerLayout.FRAME, PeerLayout.FRAME_LENGTH);
        circuit.send(message.writeLongLE(number).writeLongLE(5).writeIntLE(used).writeIntLE(0));
        ByteBuf raw = circuit.channel().alloc().directBuffer(bytes);
        for (int i = 0; i < bytes; i++) {
            raw.writeByte((int) number);
        }
        circuit.channel().writeAndFlush(raw);
    }

    static void frame(Circuit circuit, long number, int used) {
        frame(circuit, number, used, used);
    }

    static void credit(Circuit circuit, long whole, long total) {
        ByteBuf message = circuit.begin(PeerLayout.CREDIT, PeerLayout.CREDIT_LENGTH);
        circuit.send(message.writeLongLE(whole).writeLongLE(total));
    }

    static void stalled(Circuit circuit, long number) {
        circuit.send(
                circuit.begin(PeerLayout.STALLED, PeerLayout.STALLED_LENGTH).writeLongLE(number));
    }

    static void ended(Circuit circuit, long number, int cause, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        ByteBuf message = circuit.begin(PeerLayout.ENDED, PeerLayout.ENDED_TEXT + text.length);
        circuit.send(message.writeLongLE(number)
                .writeIntLE(cause)
                .writeShortLE(text.length)
                .writeBytes(text));
    }
}
