package io.pagewire.daemon.region;

import io.pagewire.core.Right;
import java.util.ArrayList;
import java.util.List;

/**
 * What each mapping of a preloaded region may do, and how often it wants exchanges with home.
 *
 * <p>Belongs to the region's event loop.
 */
final class PreloadedMappings {
    private final List<Right> rights = new ArrayList<>();
    private final List<Long> periods = new ArrayList<>();

    /** @param periodMs 0 = on request only */
    void opened(int mapping, Right right, long periodMs) {
        while (rights.size() <= mapping) {
            rights.add(Right.NONE);
            periods.add(0L);
        }
        rights.set(mapping, right);
        periods.set(mapping, periodMs);
    }

    /** What the mapping might do until now. */
    Right gone(int mapping) {
        periods.set(mapping, 0L);
        return rights.set(mapping, Right.NONE);
    }

    Right right(int mapping) {
        return rights.get(mapping);
    }

    boolean anyWrites() {
        return rights.contains(Right.WRITE);
    }

    /** The shortest period of all, in ms; 0 when none has one. */
    long shortestPeriodMs() {
        long shortest = 0;
        for (long period : periods) {
            shortest = period > 0 && (shortest == 0 || period < shortest) ? period : shortest;
        }
        return shortest;
    }
}
