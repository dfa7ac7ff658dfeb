package io.pagewire.daemon.region;

import io.pagewire.daemon.sys.MappedMemory;
import io.pagewire.wire.PeerLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of one page that programs changed, as they were when they were looked at: exactly those that differ from the twin,
 * in the parts of PUBLISH messages. Not one byte in between goes along, because another host may have changed it meanwhile.
 *
 * <p>Made by one thread, then read by another.
 */
final class PageChange {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long LOW_BITS = ~HIGH_BITS;

    private final long page;
    private final int content;
    private final int longestPayload;
    private final byte[] here;
    private final List<byte[]> payloads = new ArrayList<>(1);
    private byte[] parts = new byte[64];
    private int length;
    private int part = -1;
    private int nextOffset;
    private int encodedLength;
    private int bytes;
    private int request;

    /**
     * @param content bytes of the page that belong to the region's contents
     * @param longestPayload bytes of parts that one message may have, at least 9
     */
    PageChange(long page, int content, int longestPayload) {
        this.page = page;
        this.content = content;
        this.longestPayload = longestPayload;
        this.here = new byte[(content + 7) & ~7];
    }

    /** 0xFF in each byte in which the two differ. */
    static long differing(long one, long other) {
        long x = one ^ other;
        long high = ((x & LOW_BITS) + LOW_BITS | x) & HIGH_BITS;
        return (high >>> 7) * 0xFF;
    }

    /** Compares the eight bytes at {@code offset} in the page; called for all of them in ascending order. */
    void compare(int offset, long word, long before) {
        LONG.set(here, offset, word);
        if (word == before) {
            return;
        }
        long mask = differing(word, before);
        for (int i = 0; i < 8 && offset + i < content; i++) {
            if ((mask >>> 8 * i & 1) != 0) {
                add(offset + i, (byte) (word >>> 8 * i));
            }
        }
    }

    private void add(int offset, byte value) {
        boolean goesOn = part >= 0 && offset == nextOffset;
        if (length + (goesOn ? 1 : PeerLayout.PART_BYTES + 1) > longestPayload) {
            endPayload();
            goesOn = false;
        }
        if (length + PeerLayout.PART_BYTES + 1 > parts.length) {
            parts = Arrays.copyOf(parts, 2 * parts.length);
        }
        if (!goesOn) {
            part = length;
            INT.set(parts, part + PeerLayout.PART_OFFSET, offset);
            length += PeerLayout.PART_BYTES;
        }
        parts[length++] = value;
        INT.set(parts, part + PeerLayout.PART_LENGTH, length - part - PeerLayout.PART_BYTES);
        nextOffset = offset + 1;
        bytes++;
    }

    private void endPayload() {
        if (length > 0) {
            payloads.add(Arrays.copyOf(parts, length));
            encodedLength += length;
            length = 0;
            part = -1;
        }
    }

    /** All words have been compared. */
    PageChange done() {
        endPayload();
        parts = null;
        return this;
    }

    long page() {
        return page;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /** Changed bytes. */
    int bytes() {
        return bytes;
    }

    int request() {
        return request;
    }

    void request(int number) {
        request = number;
    }

    /** The parts, as many in each as fit into one message. */
    List<byte[]> payloads() {
        return payloads;
    }

    /** Bytes of all payloads together. */
    int encodedLength() {
        return encodedLength;
    }

    /** Makes the page that begins at {@code offset}, with which this one was compared and which has not changed since, equal. */
    void applyTo(MappedMemory memory, long offset) {
        memory.view(offset, content).put(here, 0, content);
    }
}
