package io.pagewire.cli.actor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.Region;
import io.pagewire.cli.CommandFailed;
import java.util.SplittableRandom;

/**
 * A linked list whose links are plain addresses (SPEC: V15, O1): what one host has built, another walks without translating
 * anything, and so does the C example {@code list_walk}. The first node stands at the start of the region; the others lie in
 * random order and spread over all of it, so that each step may be another page.
 *
 * <pre>
 *   node + 0            value (8 bytes)
 *   node + 8            address of the next node, 0 = end (8 bytes)
 * </pre>
 *
 * <p>Stateless; the region's own rules apply.
 */
final class PointerList {
    private static final int VALUE = 0;
    private static final int NEXT = 8;
    private static final int NODE = 16;

    private PointerList() {}

    /** Builds {"nodes"} nodes and says the sum of their values. */
    static ObjectNode build(Region region, JsonNode task) {
        int nodes = task.path("nodes").asInt();
        long base = region.address();
        long stride = region.size() / nodes / NODE * NODE;
        int[] slots = shuffled(nodes);
        long sum = 0;
        Faults faults = new Faults(region);
        for (int i = 0; i < nodes; i++) {
            long node = slots[i] * stride;
            long value = 31L * i + 7;
            region.putLong(node + VALUE, value);
            region.putLong(node + NEXT, i + 1 == nodes ? 0 : base + slots[i + 1] * stride);
            sum += value;
        }
        return faults.soFar().put("nodes", nodes).put("sum", sum);
    }

    /** Follows the addresses to the end. */
    static ObjectNode walk(Region region) {
        Faults faults = new Faults(region);
        long base = region.address();
        long end = base + region.size();
        long nodes = 0;
        long sum = 0;
        for (long node = base; node != 0; node = region.getLong(node - base + NEXT)) {
            if (node < base || node > end - NODE || ++nodes > region.size() / NODE) {
                throw new CommandFailed(
                        "the list is broken after " + nodes + " nodes: address 0x" + Long.toHexString(node));
            }
            sum += region.getLong(node - base + VALUE);
        }
        return faults.soFar().put("nodes", nodes).put("sum", sum);
    }

    /** The numbers below count in random order, 0 first. */
    private static int[] shuffled(int count) {
        int[] slots = new int[count];
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < count; i++) {
            int j = i == 0 ? 0 : 1 + random.nextInt(i);
            slots[i] = slots[j];
            slots[j] = i;
        }
        return slots;
    }
}
