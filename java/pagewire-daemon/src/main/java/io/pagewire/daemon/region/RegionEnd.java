package io.pagewire.daemon.region;

import io.pagewire.core.Ending;

/**
 * How far the orderly end of a region at this host has come, for reports.
 *
 * <p>Belongs to the region's event loop.
 */
interface RegionEnd {
    Ending state();

    /** Pages that are not home. */
    long left();

    /** The most that ever were since it began. */
    long total();
}
