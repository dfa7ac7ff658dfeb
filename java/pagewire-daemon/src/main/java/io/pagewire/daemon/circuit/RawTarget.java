package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * Memory for bytes that come outside of any message. It is lent to the socket a part at a time, so that bytes are read where they
 * belong and a long run of them does not keep other circuits of the loop waiting; what came together with a message is copied.
 *
 * <p>Belongs to one circuit and its event loop.
 */
final class RawTarget {
    /** Bytes of one read. */
    static final int MOST_AT_ONCE = 1 << 20;

    private ByteBuf memory;
    private ByteBuf lent;
    private int at;

    /** The next bytes belong here, from its position to its limit. */
    void open(ByteBuffer direct) {
        if (memory != null || !direct.isDirect() || direct.isReadOnly() || !direct.hasRemaining()) {
            throw new IllegalArgumentException("needs memory to write to, when no other is being filled");
        }
        memory = Unpooled.wrappedBuffer(direct);
        at = 0;
    }

    boolean isOpen() {
        return memory != null;
    }

    /** Bytes that are still to come; 0 also when nothing is being filled. */
    int left() {
        return memory == null ? 0 : memory.capacity() - at;
    }

    /** A part of the memory, empty, for the socket to read into; released by whoever reads. */
    ByteBuf lend() {
        int most = Math.min(MOST_AT_ONCE, left());
        lent = memory.retainedSlice(at, most).clear();
        return lent;
    }

    /** Takes as much of {@code in} as belongs here, which is all of it when it was lent; returns how many bytes that were. */
    int take(ByteBuf in) {
        int count = Math.min(in.readableBytes(), left());
        if (in == lent) {
            in.skipBytes(count);
        } else {
            memory.setBytes(at, in, count);
        }
        lent = null;
        at += count;
        return count;
    }

    void close() {
        if (memory != null) {
            memory.release();
            memory = null;
            lent = null;
        }
    }
}
