package io.pagewire.daemon.memory;

import java.util.Arrays;

/**
 * Which sectors of a spill file are in use, one bit each, and the checksum of each. Sectors count from 1. The lowest free one is
 * taken first, so that a file that was once long can be cut off again.
 *
 * <p>Belongs to the region's event loop.
 */
final class Sectors {
    /** Files shorter than this are left as they are. */
    private static final int LEAST_TO_CUT = 64;

    private long[] bits = new long[1];
    private int[] checksums = new int[64];
    private int length;
    private int used;
    private int lowestWord;

    /** Sectors the file has, used or not. */
    int length() {
        return length;
    }

    int used() {
        return used;
    }

    boolean isUsed(int sector) {
        return sector >= 1 && sector <= length && (bits[(sector - 1) >>> 6] >>> (sector - 1) & 1) != 0;
    }

    int checksum(int sector) {
        return checksums[sector - 1];
    }

    void checksum(int sector, int value) {
        checksums[sector - 1] = value;
    }

    /** The lowest free sector within the file; 0 = there is none, the file must grow. */
    int take() {
        if (used == length) {
            return 0;
        }
        while (bits[lowestWord] == -1L) {
            lowestWord++;
        }
        int index = (lowestWord << 6) + Long.numberOfTrailingZeros(~bits[lowestWord]);
        mark(index);
        return index + 1;
    }

    /** Makes the file one sector longer and takes that one. */
    int grow() {
        int index = length++;
        if (index >>> 6 == bits.length) {
            bits = Arrays.copyOf(bits, bits.length * 2);
        }
        if (index == checksums.length) {
            checksums = Arrays.copyOf(checksums, index * 2);
        }
        mark(index);
        return length;
    }

    private void mark(int index) {
        bits[index >>> 6] |= 1L << index;
        used++;
    }

    void free(int sector) {
        if (!isUsed(sector)) {
            throw new IllegalStateException("sector " + sector + " of " + length + " is not in use");
        }
        int index = sector - 1;
        bits[index >>> 6] &= ~(1L << index);
        lowestWord = Math.min(lowestWord, index >>> 6);
        used--;
    }

    /** Cuts the file after its last sector in use when that saves at least a quarter of it; gives how many sectors less. */
    int cut() {
        if (length < LEAST_TO_CUT || used > length / 2) {
            return 0;
        }
        int end = length;
        while (end > 0 && !isUsed(end)) {
            end = bits[(end - 1) >>> 6] == 0 ? (end - 1) & ~63 : end - 1;
        }
        int less = length - end;
        if (less < length / 4) {
            return 0;
        }
        length = end;
        lowestWord = Math.min(lowestWord, Math.max(0, end - 1) >>> 6);
        return less;
    }
}
