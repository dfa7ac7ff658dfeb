package io.pagewire;

/**
 * Hears of the events of one region; see {@link Region#addListener}. Calls come one at a time from a native thread of the
 * library that is attached as a daemon. A slow listener delays later events of the region, and once 4096 are waiting further
 * ones are dropped and counted ({@link RegionStats#lostEvents()}); faults never wait for it. What it throws goes to the
 * thread's uncaught exception handler and does not stop later calls.
 *
 * <p>Called by one thread at a time for one region, by several for several regions.
 */
@FunctionalInterface
public interface RegionListener {
    /** One event. Do not block for long; do not close the region from here. */
    void onEvent(RegionEvent event);
}
