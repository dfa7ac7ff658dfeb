package io.pagewire;

import java.time.Duration;

/**
 * What became of the faults in one mapping since it was made; counts never go back.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param readFaults faults served with read access
 * @param writeFaults faults served with write access
 * @param failedFaults faults that ended in a failure
 * @param retriedFaults grants not applied because a newer revoke had come
 * @param revokes revokes applied by the agent
 * @param lostEvents events dropped because the queue of listeners was full
 * @param faultTime total time from fault to right applied
 * @param longestFault the longest of them
 * @param mappingResets times scattered rights were taken together to keep the number of kernel mappings bounded
 * @param holdTime time the agent kept pages so that their threads could progress
 * @param handlerEntries times the library's signal handler was entered for an address of this mapping; stays 0 in a preloaded
 *     mapping (SPEC: V10)
 * @param lostPages pages that went back to an older state, see {@link RegionEvent.Kind#LOST}; a page counts each time
 */
public record RegionStats(
        long readFaults,
        long writeFaults,
        long failedFaults,
        long retriedFaults,
        long revokes,
        long lostEvents,
        Duration faultTime,
        Duration longestFault,
        long mappingResets,
        Duration holdTime,
        long handlerEntries,
        long lostPages) {
    /** How many counts {@code struct pw_stats} has. */
    static final int FIELDS = 12;

    static RegionStats of(long[] v) {
        return new RegionStats(
                v[0],
                v[1],
                v[2],
                v[3],
                v[4],
                v[5],
                Duration.ofNanos(v[6]),
                Duration.ofNanos(v[7]),
                v[8],
                Duration.ofNanos(v[9]),
                v[10],
                v[11]);
    }
}
