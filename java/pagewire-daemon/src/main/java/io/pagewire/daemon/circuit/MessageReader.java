package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.pagewire.wire.PeerLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Cuts a stream of bytes into messages and passes on only those whose magic, version, length, checksum and sequence hold.
 * Whole messages are read where they lie; only a message that is split between two reads is gathered in a buffer, whose size
 * is the length that the checked header gives.
 *
 * <p>Belongs to one circuit and its event loop.
 */
final class MessageReader {
    /** Takes one checked message; returns null, or the reason why its sender broke the protocol. */
    interface Sink {
        String message(int type, ByteBuf bytes, int payload, int length);
    }

    private static final byte[] NO_CRC = new byte[4];

    private final CRC32C crc = new CRC32C();
    private ByteBuf partial;
    private int nextSequence;
    private int incarnation;
    private long epoch;
    private boolean bound;

    /** From now on every message must carry this incarnation and epoch. */
    void bind(int expectedIncarnation, long expectedEpoch) {
        incarnation = expectedIncarnation;
        epoch = expectedEpoch;
        bound = true;
    }

    /** Reads all of {@code in}; returns null, or the reason why the stream cannot be read any further. */
    String feed(ByteBuf in, ByteBufAllocator allocator, Sink sink) {
        while (in.isReadable()) {
            if (partial != null) {
                String problem = gather(in, sink);
                if (problem != null) {
                    return problem;
                }
                continue;
            }
            int at = in.readerIndex();
            int available = in.readableBytes();
            if (available >= PeerLayout.HEADER_LENGTH) {
                String problem = checkHeader(in, at);
                if (problem != null) {
                    return problem;
                }
                int total = PeerLayout.HEADER_LENGTH + in.getIntLE(at + PeerLayout.LENGTH);
                if (available >= total) {
                    in.skipBytes(total);
                    problem = deliver(in, at, total, sink);
                    if (problem != null) {
                        return problem;
                    }
                    continue;
                }
                partial = allocator.directBuffer(total);
            } else {
                partial = allocator.directBuffer(PeerLayout.HEADER_LENGTH);
            }
            partial.writeBytes(in, available);
        }
        return null;
    }

    private String gather(ByteBuf in, Sink sink) {
        if (partial.readableBytes() < PeerLayout.HEADER_LENGTH) {
            partial.writeBytes(in, Math.min(in.readableBytes(), PeerLayout.HEADER_LENGTH - partial.readableBytes()));
            if (partial.readableBytes() < PeerLayout.HEADER_LENGTH) {
                return null;
            }
            String problem = checkHeader(partial, 0);
            if (problem != null) {
                return problem;
            }
        }
        int total = PeerLayout.HEADER_LENGTH + partial.getIntLE(PeerLayout.LENGTH);
        partial.ensureWritable(total - partial.writerIndex());
        partial.writeBytes(in, Math.min(in.readableBytes(), total - partial.readableBytes()));
        if (partial.readableBytes() < total) {
            return null;
        }
        ByteBuf whole = partial;
        partial = null;
        try {
            return deliver(whole, 0, total, sink);
        } finally {
            whole.release();
        }
    }

    private static String checkHeader(ByteBuf bytes, int at) {
        int magic = bytes.getUnsignedShortLE(at + PeerLayout.MAGIC);
        if (magic != PeerLayout.MAGIC_VALUE) {
            return "not a Pagewire message (it starts with 0x" + Integer.toHexString(magic) + ")";
        }
        int version = bytes.getUnsignedByte(at + PeerLayout.VERSION);
        if (version != PeerLayout.PROTOCOL_VERSION) {
            return "protocol version " + version + "; this daemon speaks version " + PeerLayout.PROTOCOL_VERSION;
        }
        int length = bytes.getIntLE(at + PeerLayout.LENGTH);
        int most = longest(bytes.getUnsignedByte(at + PeerLayout.TYPE));
        if (length < 0 || length > most) {
            return "message of type " + bytes.getUnsignedByte(at + PeerLayout.TYPE) + " claims a payload of "
                    + Integer.toUnsignedString(length) + " bytes; at most " + most + " are allowed";
        }
        return null;
    }

    /** The longest payload that a message of this type may have, in bytes. */
    private static int longest(int type) {
        return switch (type) {
            case PeerLayout.SETUP -> PeerLayout.Setup.NAMES + 512;
            case PeerLayout.ACCEPT -> PeerLayout.ACCEPT_LENGTH;
            case PeerLayout.REFUSE, PeerLayout.BYE -> PeerLayout.REASON_TEXT + PeerLayout.MAX_REASON;
            case PeerLayout.HEARTBEAT, PeerLayout.ECHO -> PeerLayout.BEAT_LENGTH;
            case PeerLayout.FETCH -> PeerLayout.RUN_LENGTH;
            case PeerLayout.PAGES -> PeerLayout.MAX_PAYLOAD;
            case PeerLayout.DECLINE -> PeerLayout.DECLINE_LENGTH;
            case PeerLayout.PURGE, PeerLayout.PURGED, PeerLayout.RELEASE -> PeerLayout.RANGE_LENGTH;
            default -> 0;
        };
    }

    private String deliver(ByteBuf bytes, int at, int total, Sink sink) {
        if (checksum(crc, bytes, at, total) != bytes.getIntLE(at + PeerLayout.CRC)) {
            return "checksum error";
        }
        int sequence = bytes.getIntLE(at + PeerLayout.SEQUENCE);
        if (sequence != nextSequence) {
            return "message " + Integer.toUnsignedString(sequence) + " came instead of "
                    + Integer.toUnsignedString(nextSequence);
        }
        nextSequence++;
        if (bound) {
            if (bytes.getIntLE(at + PeerLayout.INCARNATION) != incarnation) {
                return "message of another incarnation of this circuit";
            }
            if (bytes.getLongLE(at + PeerLayout.EPOCH) != epoch) {
                return "message of another epoch of the region";
            }
        }
        return sink.message(
                bytes.getUnsignedByte(at + PeerLayout.TYPE),
                bytes,
                at + PeerLayout.HEADER_LENGTH,
                total - PeerLayout.HEADER_LENGTH);
    }

    /** CRC32C of the message with its CRC field taken as zero. */
    static int checksum(CRC32C crc, ByteBuf bytes, int at, int total) {
        crc.reset();
        update(crc, bytes, at, PeerLayout.CRC);
        crc.update(NO_CRC, 0, NO_CRC.length);
        update(crc, bytes, at + PeerLayout.INCARNATION, total - PeerLayout.INCARNATION);
        return (int) crc.getValue();
    }

    private static void update(CRC32C crc, ByteBuf bytes, int at, int length) {
        ByteBuffer view = bytes.internalNioBuffer(at, length);
        crc.update(view);
    }

    /** Gives back what was gathered of a message that will never be whole. */
    void close() {
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }
}
