package io.pagewire.daemon.region;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.core.Right;

/**
 * Says how many bytes of a region were stored on a host that does not own it and are not at home, as far as this host knows: its
 * own programs', and as the owner those of every other host. Whole pages count, from the moment a writer is given them until home
 * has acknowledged their bytes.
 *
 * <p>Stateless; belongs to the event loop of the region.
 */
public final class NotHomeReport {
    private NotHomeReport() {}

    /** An entry for each host on which something of the region is, or may be, that home has not. */
    public static ArrayNode add(ArrayNode list, RegionRuntime region, String thisHost) {
        if (region instanceof HomeRuntime home) {
            for (HomeCircuit circuit : home.circuits()) {
                long bytes = bytes(home, circuit);
                if (bytes > 0) {
                    entry(list, region, circuit.setup().host()).put("bytes", bytes);
                }
            }
        } else if (region instanceof ClientRuntime client) {
            long bytes = bytes(client);
            if (bytes > 0) {
                entry(list, region, thisHost).put("bytes", bytes);
            }
        } else if (region.mappingCount() > 0 && region.highestRight() == Right.WRITE) {
            // What differs from the last exchange is known only by comparing all frames, as a publish does.
            entry(list, region, thisHost).putNull("bytes").put("reason", "preloaded: known when it is published");
        }
        return list;
    }

    /** Bytes of one region that this host keeps and home may not have. */
    static long bytes(ClientRuntime client) {
        return (long) client.core().pagesNotHome() * client.record().pageSize();
    }

    /** Bytes that the host at the other end holds for itself. */
    static long bytes(HomeRuntime home, HomeCircuit circuit) {
        return (long) home.core().pagesHeld(circuit.slot()) * home.record().pageSize();
    }

    private static ObjectNode entry(ArrayNode list, RegionRuntime region, String host) {
        return list.addObject()
                .put("region", region.record().name())
                .put("owner", region.record().owner())
                .put("host", host);
    }
}
