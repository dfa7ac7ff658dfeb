package io.pagewire.daemon.region;

/**
 * What happened to a preloaded region on this host. Faults should stay zero: a preloaded mapping has every right from the start.
 *
 * <p>Written by the region's event loop.
 */
public final class PreloadedCounters {
    public long faults;
    public long circuitsUp;
    public long circuitsLost;
    public long refreshes;
    public long pagesRefreshed;
    public long publishes;
    public long pagesPublished;
    public long bytesPublished;
    public long failures;
}
