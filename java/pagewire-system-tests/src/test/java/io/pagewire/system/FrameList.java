package io.pagewire.system;

import io.pagewire.FrameReader;
import io.pagewire.FrameWriter;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * A linked list inside a frame whose links are plain addresses: value, then the address of the next node, 0 at the end. It spreads
 * over the whole frame; the first node stands at the start.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class FrameList {
    private static final int NODE = 16;

    private FrameList() {}

    /** Fills the window with a list of so many nodes; the sum of their values. */
    static String build(FrameWriter writer, int nodes) {
        ByteBuffer window = writer.window();
        int stride = window.capacity() / nodes / NODE * NODE;
        int[] order = shuffled(nodes);
        long sum = 0;
        for (int i = 0; i < nodes; i++) {
            int at = order[i] * stride;
            long value = 31L * i + 7;
            window.putLong(at, value);
            window.putLong(at + 8, i + 1 == nodes ? 0 : writer.address() + (long) order[i + 1] * stride);
            sum += value;
        }
        return Long.toString(sum);
    }

    /** The numbers below count in random order, 0 first. */
    private static int[] shuffled(int count) {
        int[] numbers = new int[count];
        SplittableRandom random = new SplittableRandom(count);
        for (int i = 1; i < count; i++) {
            int j = 1 + random.nextInt(i);
            numbers[i] = numbers[j];
            numbers[j] = i;
        }
        return numbers;
    }

    /** Follows the addresses as they stand: "nodes sum". */
    static String walk(FrameReader reader) {
        ByteBuffer window = reader.window();
        long nodes = 0;
        long sum = 0;
        for (long node = reader.address(); node != 0; ) {
            long offset = node - reader.address();
            if (offset < 0 || offset > window.limit() - NODE || ++nodes > window.limit() / NODE) {
                throw new PromiseBroken("the list is broken after " + nodes + " nodes: 0x" + Long.toHexString(node));
            }
            sum += window.getLong((int) offset);
            node = window.getLong((int) offset + 8);
        }
        return nodes + " " + sum;
    }
}
