package io.pagewire.daemon.local;

import io.pagewire.wire.LocalLayout;

/**
 * How a program wants to map a region.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param eager the circuit is set up before the answer instead of at the first fault
 * @param readOnly this mapping will only read
 * @param preloaded all frames are filled before the mapping is used (sharing types 3 and 4)
 * @param periodMs time between two exchanges of a preloaded mapping with home; 0 = on request only
 */
public record MapOptions(boolean eager, boolean readOnly, boolean preloaded, long periodMs) {
    private static final int KNOWN = LocalLayout.MAP_EAGER | LocalLayout.MAP_READ_ONLY | LocalLayout.MAP_PRELOADED;

    /** Null when a MAP may have these flags and this period, otherwise what is wrong with them. */
    static String problem(int flags, long periodMs) {
        if ((flags & ~KNOWN) != 0) {
            return "a map with the unknown flags 0x" + Integer.toHexString(flags & ~KNOWN);
        }
        if (periodMs < 0 || periodMs > Integer.MAX_VALUE) {
            return "a period of " + periodMs + " ms; 0 to " + Integer.MAX_VALUE + " are possible";
        }
        return periodMs == 0 || (flags & LocalLayout.MAP_PRELOADED) != 0
                ? null
                : "a period of " + periodMs + " ms is for preloaded mappings; the others are always coherent";
    }

    /** Reads flags for which {@link #problem} gave null. */
    static MapOptions of(int flags, long periodMs) {
        return new MapOptions(
                (flags & LocalLayout.MAP_EAGER) != 0,
                (flags & LocalLayout.MAP_READ_ONLY) != 0,
                (flags & LocalLayout.MAP_PRELOADED) != 0,
                periodMs);
    }
}
