package io.pagewire.daemon.fuzz;

import java.util.Arrays;
import java.util.List;

/**
 * Makes inputs out of real messages. Every input follows from seed, target and number alone, so naming the three repeats it.
 *
 * <p>For use by one thread.
 */
final class Mutator {
    private static final long[] ODD = {
        0,
        1,
        2,
        3,
        15,
        16,
        17,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0xffff,
        4096,
        8192,
        1 << 24,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffffffffL,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1
    };

    private final List<byte[]> seeds;
    private final long start;
    private final byte[] scratch;
    private long state;

    /** @param most longest input, in bytes */
    Mutator(List<byte[]> seeds, long seed, String target, int most) {
        this.seeds = seeds;
        this.start = seed * 0x2545f4914f6cdd1dL + target.hashCode() * 0x9e3779b97f4a7c15L;
        this.scratch = new byte[most];
    }

    byte[] input(long number) {
        state = start ^ number * 0xd1342543de82ef95L;
        byte[] seed = seeds.get(below(seeds.size()));
        int length = Math.min(seed.length, scratch.length);
        System.arraycopy(seed, 0, scratch, 0, length);
        for (int i = below(6); i > 0; i--) {
            length = mutate(length);
        }
        return Arrays.copyOf(scratch, length);
    }

    private long next() {
        long z = state += 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    private int below(int bound) {
        return (int) Long.remainderUnsigned(next(), bound);
    }

    private int mutate(int length) {
        int at = length > 0 ? below(length) : 0;
        int many = length > 0 ? 1 + below(Math.min(length - at, 48)) : 0;
        switch (below(9)) {
            case 0, 1 -> {
                if (length > 0) {
                    scratch[at] ^= (byte) (1 << below(8));
                }
                return length;
            }
            case 2 -> {
                if (length > 0) {
                    scratch[at] = (byte) next();
                }
                return length;
            }
            case 3, 4 -> {
                number(length);
                return length;
            }
            case 5 -> {
                System.arraycopy(scratch, at + many, scratch, at, length - at - many);
                return length - many;
            }
            case 6 -> {
                int room = Math.min(many, scratch.length - length);
                System.arraycopy(scratch, at, scratch, at + room, length - at);
                return length + room;
            }
            case 7 -> {
                byte[] other = seeds.get(below(seeds.size()));
                int room = Math.min(other.length, scratch.length - length);
                System.arraycopy(other, 0, scratch, length, room);
                return length + room;
            }
            default -> {
                return below(2) == 0 ? at : length;
            }
        }
    }

    private void number(int length) {
        long value = below(2) == 0 ? ODD[below(ODD.length)] : next() >>> below(64);
        int width = 1 << below(4);
        if (length < width) {
            return;
        }
        int at = below(2) == 0 ? below(length / width) * width : below(length - width + 1);
        for (int i = 0; i < width; i++) {
            scratch[at + i] = (byte) (value >>> 8 * i);
        }
    }
}
