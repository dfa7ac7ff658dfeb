package io.pagewire.system;

import io.pagewire.Region;

/**
 * A list in a region whose nodes point at each other by plain addresses. A node is a value, then the address of the next one
 * (0 at the end); the first stands at offset 0. The C example list_walk reads the same.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class PointerList {
    private static final int NODE = 16;

    private PointerList() {}

    /** Links nodes with the values 0 to nodes - 1, spread over the region; returns the sum of the values. */
    static long build(Region region, int nodes) {
        long slots = region.size() / NODE;
        if (nodes > slots) {
            throw new IllegalArgumentException(nodes + " nodes do not fit into " + region);
        }
        long step = step(slots);
        long sum = 0;
        for (int i = 0; i < nodes; i++) {
            long offset = NODE * (i * step % slots);
            long next = NODE * ((i + 1) * step % slots);
            region.putLong(offset, i);
            region.putLong(offset + 8, i + 1 < nodes ? region.address() + next : 0);
            sum += i;
        }
        return sum;
    }

    /** A distance without a common divisor with the number of slots: steps of it visit each slot once. */
    private static long step(long slots) {
        long step = slots / 3 | 1;
        while (divisor(step, slots) != 1) {
            step += 2;
        }
        return step;
    }

    private static long divisor(long a, long b) {
        return b == 0 ? a : divisor(b, a % b);
    }

    /** Follows the addresses; returns the number of nodes and the sum of their values. */
    static String walk(Region region) {
        long nodes = 0;
        long sum = 0;
        for (long at = region.address(); at != 0; at = region.getLong(at - region.address() + 8)) {
            sum += region.getLong(at - region.address());
            nodes++;
        }
        return nodes + " " + sum;
    }
}
