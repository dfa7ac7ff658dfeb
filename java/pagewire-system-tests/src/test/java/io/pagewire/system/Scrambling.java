package io.pagewire.system;

import io.pagewire.Region;
import java.util.Random;

/**
 * Contents that follow from a seed. Each page has a part for every writer. A part is filled with numbers that say its page, its
 * writer, where they stand, and how often the part has been written; who knows seed and number of writes knows every byte.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Scrambling {
    /** Writers a page has room for. */
    private static final int PARTS = 2;

    private Scrambling() {}

    /** Writes the writer's part of every page from {@code first} to the one before {@code last}, in order. */
    static String fill(Region region, int writer, int first, int last) {
        for (int page = first; page < last; page++) {
            write(region, writer, page, 1);
        }
        return Integer.toString(last - first);
    }

    /** Writes the writer's part of pages chosen at random; they were filled before. */
    static String scramble(Region region, int writer, long seed, int writes) {
        int[] versions = new int[pages(region)];
        Random random = new Random(seed);
        for (int i = 0; i < writes; i++) {
            int page = random.nextInt(versions.length);
            write(region, writer, page, 2 + versions[page]++);
        }
        return Integer.toString(writes);
    }

    /** Reads the writer's part of all pages up to {@code last}, in order or from the end, after so many writes. */
    static String check(Region region, int writer, long seed, int writes, int last, boolean forward) {
        int[] versions = new int[pages(region)];
        Random random = new Random(seed);
        for (int i = 0; i < writes; i++) {
            versions[random.nextInt(versions.length)]++;
        }
        for (int i = 0; i < last; i++) {
            int page = forward ? i : last - 1 - i;
            check(region, writer, page, 1 + versions[page]);
        }
        return Integer.toString(last);
    }

    private static int pages(Region region) {
        return (int) (region.size() / region.pageSize());
    }

    private static void write(Region region, int writer, int page, int version) {
        long length = region.pageSize() / PARTS;
        long start = (long) page * region.pageSize() + writer * length;
        for (long at = start; at < start + length; at += 8) {
            region.putLong(at, value(writer, page, version, at));
        }
    }

    private static void check(Region region, int writer, int page, int version) {
        long length = region.pageSize() / PARTS;
        long start = (long) page * region.pageSize() + writer * length;
        for (long at = start; at < start + length; at += 8) {
            long found = region.getLong(at);
            if (found != value(writer, page, version, at)) {
                throw new AssertionError("page " + page + ", byte " + at + ": " + Long.toHexString(found) + ", not "
                        + Long.toHexString(value(writer, page, version, at)) + " of version " + version);
            }
        }
    }

    private static long value(int writer, int page, int version, long at) {
        long value = (((long) page * PARTS + writer) << 32 | version) + at * 0x9E3779B97F4A7C15L;
        return (value ^ value >>> 29) * 0xBF58476D1CE4E5B9L;
    }
}
