package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.wire.PeerLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The changed bytes of one page as they came from a host, in one message or several.
 *
 * <p>Belongs to the region's event loop.
 */
final class PublishedPage {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final int request;
    private final long page;
    private final int content;
    private final List<byte[]> payloads = new ArrayList<>(1);
    private int messageBytes;
    private boolean complete;

    /** @param content bytes of the page that belong to the region's contents */
    PublishedPage(int request, long page, int content) {
        this.request = request;
        this.page = page;
        this.content = content;
    }

    int request() {
        return request;
    }

    long page() {
        return page;
    }

    int content() {
        return content;
    }

    /** Bytes of the payloads of all messages. */
    int messageBytes() {
        return messageBytes;
    }

    boolean isComplete() {
        return complete;
    }

    /** Takes the parts of a message in; null, or why they cannot be valid. {@code ofMessage}: bytes of its whole payload. */
    String add(ByteBuf bytes, int at, int length, int ofMessage, boolean last) {
        byte[] parts = new byte[length];
        bytes.getBytes(at, parts);
        int part = 0;
        while (length - part > PeerLayout.PART_BYTES) {
            int offset = (int) INT.get(parts, part + PeerLayout.PART_OFFSET);
            int partLength = (int) INT.get(parts, part + PeerLayout.PART_LENGTH);
            if (offset < 0 || offset >= content || partLength < 1 || partLength > content - offset) {
                return "PUBLISH of " + partLength + " bytes at " + offset + " of page " + page + ", which has "
                        + content;
            }
            if (partLength > length - part - PeerLayout.PART_BYTES) {
                return "PUBLISH with a part of " + partLength + " bytes that ends behind the message";
            }
            part += PeerLayout.PART_BYTES + partLength;
        }
        if (part != length || length == 0) {
            return "PUBLISH with " + length + " bytes of parts, of which " + (length - part) + " make none";
        }
        payloads.add(parts);
        messageBytes += ofMessage;
        complete = last;
        return null;
    }

    /** Puts all parts into the page, in the order they came. */
    void applyTo(byte[] whole) {
        for (byte[] parts : payloads) {
            for (int part = 0; part < parts.length; ) {
                int offset = (int) INT.get(parts, part + PeerLayout.PART_OFFSET);
                int length = (int) INT.get(parts, part + PeerLayout.PART_LENGTH);
                System.arraycopy(parts, part + PeerLayout.PART_BYTES, whole, offset, length);
                part += PeerLayout.PART_BYTES + length;
            }
        }
    }
}
