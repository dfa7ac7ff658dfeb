package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.pagewire.wire.PeerLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.util.zip.CRC32C;

/**
 * Bytes of a circuit for fuzzers: captured from a real one, made passable for the reader again after they were spoilt, and
 * fed the way a socket does.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class CircuitBytes {
    private CircuitBytes() {}

    /** Looks at a message, and may change its payload. */
    public interface Patch {
        Patch NONE = (type, bytes, at, length) -> {};

        void message(int type, ByteBuf bytes, int at, int length);
    }

    /** Something that sends. */
    public interface Talk {
        void on(Circuit circuit);
    }

    /** A circuit that is in nobody's hands yet, on the serving side. */
    public static Circuit waitingForCall(CircuitServer.Exchange exchange) {
        return CircuitServer.waitingForCall(exchange);
    }

    /** What a real circuit writes. */
    public static byte[] of(int incarnation, long epoch, Talk talk) {
        Circuit circuit = new Circuit(new CircuitEvents() {
            @Override
            public String message(Circuit from, int type, ByteBuf bytes, int payload, int length) {
                return null;
            }

            @Override
            public void closed(Circuit which, String reason) {
                // Only written to.
            }
        });
        EmbeddedChannel channel = new EmbeddedChannel(circuit);
        circuit.bind(7, incarnation, epoch);
        talk.on(circuit);
        byte[] all = taken(channel);
        channel.finishAndReleaseAll();
        return all;
    }

    private static byte[] taken(EmbeddedChannel channel) {
        ByteBuf all = Unpooled.buffer();
        for (Object part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            if (part instanceof FileRegion file) {
                copy(file, all);
            } else {
                all.writeBytes((ByteBuf) part);
            }
            ReferenceCountUtil.release(part);
        }
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes);
        return bytes;
    }

    private static void copy(FileRegion file, ByteBuf to) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            while (file.transferred() < file.count()) {
                file.transferTo(Channels.newChannel(bytes), file.transferred());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        to.writeBytes(bytes.toByteArray());
    }

    /**
     * Gives each message from {@code from} on the header that the reader asks for, so that spoilt payloads, types and lengths
     * get past it. A length that goes beyond the end is cut. {@code patch} sees each payload before.
     */
    public static void seal(byte[] stream, int from, int incarnation, long epoch, Patch patch) {
        ByteBuf bytes = Unpooled.wrappedBuffer(stream);
        CRC32C crc = new CRC32C();
        int sequence = 0;
        for (int at = from; stream.length - at >= PeerLayout.HEADER_LENGTH; ) {
            int length = bytes.getIntLE(at + PeerLayout.LENGTH);
            int most = stream.length - at - PeerLayout.HEADER_LENGTH;
            if (length < 0 || length > most) {
                length = most;
                bytes.setIntLE(at + PeerLayout.LENGTH, length);
            }
            bytes.setShortLE(at + PeerLayout.MAGIC, PeerLayout.MAGIC_VALUE);
            bytes.setByte(at + PeerLayout.VERSION, PeerLayout.PROTOCOL_VERSION);
            bytes.setIntLE(at + PeerLayout.INCARNATION, incarnation);
            bytes.setLongLE(at + PeerLayout.EPOCH, epoch);
            bytes.setIntLE(at + PeerLayout.SEQUENCE, sequence++);
            patch.message(bytes.getUnsignedByte(at + PeerLayout.TYPE), bytes, at + PeerLayout.HEADER_LENGTH, length);
            int total = PeerLayout.HEADER_LENGTH + length;
            bytes.setIntLE(at + PeerLayout.CRC, MessageReader.checksum(crc, bytes, at, total));
            at += total + behind(bytes, at, length);
        }
    }

    /** Bytes behind a message that are none of the next one. */
    private static int behind(ByteBuf bytes, int at, int length) {
        if (bytes.getUnsignedByte(at + PeerLayout.TYPE) != PeerLayout.FRAME || length != PeerLayout.FRAME_LENGTH) {
            return 0;
        }
        int left = bytes.capacity() - at - PeerLayout.HEADER_LENGTH - length;
        int used = bytes.getIntLE(at + PeerLayout.HEADER_LENGTH + PeerLayout.FRAME_USED);
        return Math.min(left, Math.max(0, used));
    }

    /** Lets the channel read the bytes as a socket would: into the buffer its allocator gives, as much as fits. */
    @SuppressWarnings("deprecation") // Netty's own channels make their handles by this method.
    public static void feed(EmbeddedChannel channel, byte[] stream, int from, int to) {
        RecvByteBufAllocator.Handle handle =
                channel.config().getRecvByteBufAllocator().newHandle();
        ByteBufAllocator allocator = channel.alloc();
        for (int at = from; at < to && channel.isOpen(); ) {
            handle.reset(channel.config());
            ByteBuf into = handle.allocate(allocator);
            int count = Math.min(into.writableBytes(), to - at);
            into.writeBytes(stream, at, count);
            channel.writeInbound(into);
            at += count;
        }
    }

    /** Releases what the channel has written. */
    public static void discardOutput(EmbeddedChannel channel) {
        discardOutput(channel, Patch.NONE);
    }

    /** The same, and shows each message first. */
    public static void discardOutput(EmbeddedChannel channel, Patch look) {
        for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            if (out instanceof ByteBuf bytes) {
                int length = bytes.readableBytes() - PeerLayout.HEADER_LENGTH;
                if (length >= 0) {
                    look.message(bytes.getUnsignedByte(PeerLayout.TYPE), bytes, PeerLayout.HEADER_LENGTH, length);
                }
            }
            ReferenceCountUtil.release(out);
        }
    }

    /** The same for a number of 64 bits, and for 0. */
    public static void moveLong(ByteBuf bytes, int at, long newest) {
        long number = bytes.getLongLE(at);
        if (number >= 0 && number <= 16) {
            bytes.setLongLE(at, newest + number);
        }
    }

    /** Numbers of the corpus begin at 1; those of a pager go on. Moves a small one behind the newest. */
    public static void move(ByteBuf bytes, int at, int newest) {
        int number = bytes.getIntLE(at);
        if (number > 0 && number <= 16) {
            bytes.setIntLE(at, newest + number);
        }
    }
}
