package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.pagewire.wire.PeerLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Cuts a stream of bytes into messages and passes on only those whose magic, version, length, checksum and sequence hold.
 * Messages are read where they lie: when one is split between two reads, the next read appends to the same buffer. Room is
 * made only for the length that a checked header gives. Bytes that a message announces outside of any go where its taker says.
 *
 * <p>Belongs to one circuit and its event loop.
 */
final class MessageReader {
    /** Takes one checked message; returns null, or the reason why its sender broke the protocol. */
    interface Sink {
        String message(int type, ByteBuf bytes, int payload, int length);

        /** So many bytes outside of any message have come. */
        default void rawBytes(int count) {
            throw new IllegalStateException("only messages are read");
        }

        /** The memory of {@link #receive} is full. Returns null, or the reason why its sender broke the protocol. */
        default String rawComplete() {
            throw new IllegalStateException("only messages are read");
        }
    }

    private static final byte[] NO_CRC = new byte[4];
    private static final int SMALL = 8 << 10;

    /** Room for a few messages of many pages, so that the beginning of one is seldom moved. */
    private static final int ROOMY = 256 << 10;

    /** Longest host name in a message, in bytes. */
    private static final int LONGEST_HOST = 255;

    private final CRC32C crc = new CRC32C();
    private ByteBuf partial;
    private int nextSequence;
    private int incarnation;
    private long epoch;
    private boolean bound;
    private boolean held;
    private boolean over;
    private boolean hasRaw;
    private final RawTarget raw = new RawTarget();

    /** From now on every message must carry this incarnation and epoch. */
    void bind(int expectedIncarnation, long expectedEpoch) {
        incarnation = expectedIncarnation;
        epoch = expectedEpoch;
        bound = true;
    }

    /** Delivers no further message until {@link #resume}; what has come is kept. */
    void hold() {
        held = true;
    }

    /** Delivers what was kept. Returns null, or the reason why the stream cannot be read any further. */
    String resume(ByteBufAllocator allocator, Sink sink) {
        held = false;
        ByteBuf kept = partial;
        partial = null;
        if (kept == null) {
            return null;
        }
        try {
            return read(kept, allocator, sink);
        } finally {
            kept.release();
        }
    }

    /**
     * The bytes behind the message that is being delivered are none of a message: they go into this memory, from its position to
     * its limit. Nothing touches the memory after {@link #stop} or {@link #close}.
     */
    void receive(ByteBuffer direct) {
        raw.open(direct);
        hasRaw = true;
    }

    /** Where the next bytes of the stream belong: behind the message that has begun, or into the memory given. Null: anywhere. */
    ByteBuf continued() {
        if (partial != null) {
            return partial.retain();
        }
        return raw.isOpen() && !held ? raw.lend() : null;
    }

    /** Whether bytes outside of messages come here: little should be read with the message in front of them. */
    boolean hasRaw() {
        return hasRaw;
    }

    /** Bytes that are still to come before the next message; 0 = none. */
    int rawLeft() {
        return raw.left();
    }

    /** Whatever comes from now on is thrown away. */
    void stop() {
        over = true;
        hasRaw = false;
        close();
    }

    /**
     * Reads all of {@code in}, which stays the caller's; it may be the buffer that {@link #continued()} gave, with more bytes
     * at its end. Returns null, or the reason why the stream cannot be read any further.
     */
    String feed(ByteBuf in, ByteBufAllocator allocator, Sink sink) {
        ByteBuf begun = partial;
        partial = null;
        if (begun == null) {
            return read(in, allocator, sink);
        }
        try {
            if (begun != in) {
                begun.writeBytes(in);
            }
            return read(begun, allocator, sink);
        } finally {
            begun.release();
        }
    }

    private String read(ByteBuf in, ByteBufAllocator allocator, Sink sink) {
        int needed = PeerLayout.HEADER_LENGTH;
        while (!held && !over && in.readableBytes() >= (raw.isOpen() ? 1 : PeerLayout.HEADER_LENGTH)) {
            String problem;
            if (raw.isOpen()) {
                problem = readRaw(in, sink);
            } else {
                int at = in.readerIndex();
                problem = checkHeader(in, at);
                if (problem == null) {
                    needed = PeerLayout.HEADER_LENGTH + in.getIntLE(at + PeerLayout.LENGTH);
                    if (in.readableBytes() < needed) {
                        break;
                    }
                    in.skipBytes(needed);
                    problem = deliver(in, at, needed, sink);
                    needed = PeerLayout.HEADER_LENGTH;
                }
            }
            if (problem != null) {
                return problem;
            }
        }
        if (in.isReadable() && !over) {
            keep(in, needed, allocator);
        }
        return null;
    }

    private String readRaw(ByteBuf in, Sink sink) {
        sink.rawBytes(raw.take(in));
        if (raw.left() > 0) {
            return null;
        }
        raw.close();
        return sink.rawComplete();
    }

    /** Keeps the beginning of a message where it lies if the rest fits behind it, else moves it to a buffer with room. */
    private void keep(ByteBuf in, int needed, ByteBufAllocator allocator) {
        if (in.capacity() - in.readerIndex() >= needed) {
            partial = in.retain();
        } else {
            partial = allocator.directBuffer(Math.max(needed, needed > SMALL ? ROOMY : SMALL));
            partial.writeBytes(in);
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
    static int longest(int type) {
        return switch (type) {
            case PeerLayout.SETUP -> PeerLayout.Setup.NAMES + 512;
            case PeerLayout.ACCEPT -> PeerLayout.ACCEPT_LENGTH;
            case PeerLayout.REFUSE, PeerLayout.BYE, PeerLayout.LEFT -> PeerLayout.REASON_TEXT + PeerLayout.MAX_REASON;
            case PeerLayout.HEARTBEAT, PeerLayout.ECHO, PeerLayout.MARK, PeerLayout.MARKED -> PeerLayout.BEAT_LENGTH;
            case PeerLayout.FETCH, PeerLayout.AHEAD -> PeerLayout.RUN_LENGTH;
            case PeerLayout.PAGES -> PeerLayout.MAX_PAYLOAD;
            case PeerLayout.DECLINE -> PeerLayout.DECLINE_LENGTH;
            case PeerLayout.PURGE, PeerLayout.PURGED, PeerLayout.RELEASE -> PeerLayout.RANGE_LENGTH;
            case PeerLayout.WANT, PeerLayout.UPGRADED -> PeerLayout.WANT_LENGTH;
            case PeerLayout.RECALL, PeerLayout.WB_ACK -> PeerLayout.MARKED_RANGE_LENGTH;
            case PeerLayout.RECALLED, PeerLayout.WRITEBACK, PeerLayout.HANDBACK -> PeerLayout.MAX_PAYLOAD;
            case PeerLayout.HANDED -> PeerLayout.BEAT_LENGTH;
            case PeerLayout.FRAGMENT -> PeerLayout.FRAGMENT_DATA + PeerLayout.FRAGMENT_BYTES;
            case PeerLayout.FORCE, PeerLayout.FORCED, PeerLayout.FORCING -> PeerLayout.FORCE_LENGTH;
            case PeerLayout.LOST -> PeerLayout.LOST_HOST + LONGEST_HOST;
            case PeerLayout.REFRESH -> PeerLayout.REFRESH_LENGTH;
            case PeerLayout.REFRESHING, PeerLayout.REFRESHED, PeerLayout.PUBLISHED -> PeerLayout.SYNC_LENGTH;
            case PeerLayout.PUBLISH -> PeerLayout.MAX_PAYLOAD;
            case PeerLayout.FRAME -> PeerLayout.FRAME_LENGTH;
            case PeerLayout.CREDIT -> PeerLayout.CREDIT_LENGTH;
            case PeerLayout.STALLED -> PeerLayout.STALLED_LENGTH;
            case PeerLayout.ENDED -> PeerLayout.ENDED_TEXT + PeerLayout.MAX_REASON;
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

    /** Gives back what was gathered of a message that will never be whole, and memory that will never be filled. */
    void close() {
        raw.close();
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }
}
