package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.sys.MappedMemory;
import io.pagewire.wire.PeerLayout;
import java.util.Arrays;

/**
 * The bytes of one page that programs changed, as they were when they were looked at: exactly those that differ from the twin.
 * Not one byte in between goes along, because another host may have changed it meanwhile.
 *
 * <p>Belongs to one thread at a time.
 */
final class PageChange {
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long LOW_BITS = ~HIGH_BITS;

    private final long page;
    private final int content;
    private int[] offsets = new int[8];
    private byte[] values = new byte[64];
    private int[] lengths = new int[8];
    private int parts;
    private int bytes;
    private int request;

    /** @param content bytes of the page that belong to the region's contents */
    PageChange(long page, int content) {
        this.page = page;
        this.content = content;
    }

    /** 0xFF in each byte in which the two differ. */
    static long differing(long one, long other) {
        long x = one ^ other;
        long high = ((x & LOW_BITS) + LOW_BITS | x) & HIGH_BITS;
        return (high >>> 7) * 0xFF;
    }

    long page() {
        return page;
    }

    boolean isEmpty() {
        return parts == 0;
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

    /** Compares the eight bytes at {@code offset} in the page, in ascending order. */
    void compare(int offset, long here, long before) {
        if (here == before) {
            return;
        }
        long mask = differing(here, before);
        for (int i = 0; i < 8 && offset + i < content; i++) {
            if ((mask >>> 8 * i & 1) != 0) {
                add(offset + i, (byte) (here >>> 8 * i));
            }
        }
    }

    private void add(int offset, byte value) {
        if (parts == 0 || offsets[parts - 1] + lengths[parts - 1] != offset) {
            if (parts == offsets.length) {
                offsets = Arrays.copyOf(offsets, 2 * parts);
                lengths = Arrays.copyOf(lengths, 2 * parts);
            }
            offsets[parts] = offset;
            lengths[parts++] = 0;
        }
        if (bytes == values.length) {
            values = Arrays.copyOf(values, 2 * bytes);
        }
        values[bytes++] = value;
        lengths[parts - 1]++;
    }

    /** Bytes of the payloads of all PUBLISH messages of this change, all but for what each begins with. */
    int encodedLength() {
        return parts * PeerLayout.PART_BYTES + bytes;
    }

    /** How many parts from {@code first} on fit into so many bytes of payload; at least one. */
    int fitting(int first, int room) {
        int part = first;
        int left = room;
        while (part < parts && (left -= PeerLayout.PART_BYTES + lengths[part]) >= 0) {
            part++;
        }
        return Math.max(1, part - first);
    }

    int parts() {
        return parts;
    }

    /** Bytes of payload of these parts. */
    int encodedLength(int first, int count) {
        int length = 0;
        for (int part = first; part < first + count; part++) {
            length += PeerLayout.PART_BYTES + lengths[part];
        }
        return length;
    }

    /** Appends parts; called for all of them, in order, {@code from} being how many bytes came before. Returns the sum. */
    int encode(ByteBuf to, int first, int count, int from) {
        int at = from;
        for (int part = first; part < first + count; part++) {
            to.writeIntLE(offsets[part]).writeIntLE(lengths[part]).writeBytes(values, at, lengths[part]);
            at += lengths[part];
        }
        return at;
    }

    /** Puts the changed bytes into the page that begins at {@code offset}. */
    void applyTo(MappedMemory memory, long offset) {
        int at = 0;
        for (int part = 0; part < parts; part++) {
            memory.view(offset + offsets[part], lengths[part]).put(values, at, lengths[part]);
            at += lengths[part];
        }
    }
}
