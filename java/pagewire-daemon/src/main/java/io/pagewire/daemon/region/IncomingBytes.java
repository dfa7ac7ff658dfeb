package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Right;
import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.PeerLayout.Bytes;

/**
 * The message with bytes of pages that is being handled at home: RECALLED, WRITEBACK or HANDBACK. Read once, checked, and kept
 * for as long as the core may ask for the bytes.
 *
 * <p>Belongs to the region's event loop.
 */
final class IncomingBytes {
    /** Most bytes of pages in one message, if a single page is not larger. */
    static final int MESSAGE_BYTES = 64 << 10;

    private final int pageSize;
    private ByteBuf bytes;
    private int data;
    private long first;
    private int count;
    private int tag;
    private int grantNumber;
    private Right left;
    private boolean present;

    IncomingBytes(int pageSize) {
        this.pageSize = pageSize;
    }

    /** Reads a message; null, or what is wrong with it. Whether the region has such pages is for others to say. */
    String read(String name, ByteBuf from, int at, int length) {
        if (length < Bytes.DATA) {
            return name + " of " + length + " bytes";
        }
        first = from.getLongLE(at + PeerLayout.RANGE_FIRST);
        count = from.getIntLE(at + PeerLayout.RANGE_COUNT);
        tag = from.getIntLE(at + PeerLayout.RANGE_TAG);
        grantNumber = from.getIntLE(at + Bytes.GRANT);
        left = Right.of(from.getUnsignedByte(at + Bytes.LEFT));
        int flag = from.getUnsignedByte(at + Bytes.PRESENT);
        present = flag == 1;
        int most = Math.max(1, MESSAGE_BYTES / pageSize);
        if (count < 1 || count > most || length - Bytes.DATA != (present ? count * pageSize : 0)) {
            return name + " of " + count + " pages in " + length + " bytes";
        }
        if (flag > 1 || left == null || left == Right.WRITE || from.getUnsignedShortLE(at + Bytes.PRESENT + 1) != 0) {
            return name + " with the right " + from.getUnsignedByte(at + Bytes.LEFT) + " and the mark " + flag;
        }
        bytes = from;
        data = at + Bytes.DATA;
        return null;
    }

    long first() {
        return first;
    }

    int count() {
        return count;
    }

    int tag() {
        return tag;
    }

    int grantNumber() {
        return grantNumber;
    }

    /** What the client still may do with the pages: nothing or reading. */
    Right left() {
        return left;
    }

    /** Whether bytes came along. */
    boolean present() {
        return present;
    }

    /** Stores pages of this message; returns 0 or the cause why they cannot be stored. */
    int store(PageSource to, long firstPage, int pages) {
        if (bytes == null || !present || firstPage < first || firstPage + pages > first + count) {
            throw new IllegalStateException(
                    pages + " pages from " + firstPage + " are not in the message that is being handled");
        }
        int at = data + (int) (firstPage - first) * pageSize;
        return to.write(bytes, at, pages * pageSize, firstPage * pageSize);
    }

    /** The message was handled; its bytes are not ours any more. */
    void done() {
        bytes = null;
    }
}
