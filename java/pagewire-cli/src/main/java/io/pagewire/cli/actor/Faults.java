package io.pagewire.cli.actor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.Region;
import io.pagewire.RegionStats;
import io.pagewire.cli.Json;

/**
 * Time and page faults of one piece of work.
 *
 * <p>Not thread safe: made at the start and asked at the end by the thread that works.
 */
final class Faults {
    private final Region region;
    private final RegionStats before;
    private final long startNs;

    Faults(Region region) {
        this.region = region;
        before = region.stats();
        startNs = System.nanoTime();
    }

    /** The answer of a task, to which the caller adds what it found. */
    ObjectNode soFar() {
        long ns = System.nanoTime() - startNs;
        RegionStats now = region.stats();
        return Json.object()
                .put("ns", ns)
                .put("readFaults", now.readFaults() - before.readFaults())
                .put("writeFaults", now.writeFaults() - before.writeFaults());
    }
}
