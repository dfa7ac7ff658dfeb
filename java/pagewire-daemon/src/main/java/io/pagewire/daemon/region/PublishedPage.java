package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The changed bytes of one page as they came from a host, in one message or several.
 *
 * <p>Belongs to the region's event loop.
 */
final class PublishedPage {
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

    /** Takes the parts of a message in; null, or why they cannot be valid. */
    String add(ByteBuf bytes, int at, int length, int ofMessage, boolean last) {
        int end = at + length;
        int part = at;
        while (end - part > PeerLayout.PART_BYTES) {
            int offset = bytes.getIntLE(part + PeerLayout.PART_OFFSET);
            int partLength = bytes.getIntLE(part + PeerLayout.PART_LENGTH);
            if (offset < 0 || offset >= content || partLength < 1 || partLength > content - offset) {
                return "PUBLISH of " + partLength + " bytes at " + offset + " of page " + page + ", which has "
                        + content;
            }
            if (partLength > end - part - PeerLayout.PART_BYTES) {
                return "PUBLISH with a part of " + partLength + " bytes that ends behind the message";
            }
            part += PeerLayout.PART_BYTES + partLength;
        }
        if (part != end || length == 0) {
            return "PUBLISH with " + length + " bytes of parts, of which " + (end - part) + " make none";
        }
        byte[] copy = new byte[length];
        bytes.getBytes(at, copy);
        payloads.add(copy);
        messageBytes += ofMessage;
        complete = last;
        return null;
    }

    /** Takes one part of a page; returns 0, or the cause why it cannot be stored. */
    interface Taker {
        int part(int offset, byte[] bytes, int from, int length);
    }

    /** Shows every part, in the order they came, until one cannot be stored; returns 0 or the cause of that. */
    int forEachPart(Taker taker) {
        for (byte[] payload : payloads) {
            for (int part = 0; part < payload.length; ) {
                int offset = intAt(payload, part + PeerLayout.PART_OFFSET);
                int length = intAt(payload, part + PeerLayout.PART_LENGTH);
                int cause = taker.part(offset, payload, part + PeerLayout.PART_BYTES, length);
                if (cause != 0) {
                    return cause;
                }
                part += PeerLayout.PART_BYTES + length;
            }
        }
        return 0;
    }

    private static int intAt(byte[] bytes, int at) {
        return bytes[at] & 0xFF
                | (bytes[at + 1] & 0xFF) << 8
                | (bytes[at + 2] & 0xFF) << 16
                | (bytes[at + 3] & 0xFF) << 24;
    }
}
