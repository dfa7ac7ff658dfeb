package io.pagewire.daemon.region;

import io.pagewire.core.ClientRegion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a region at a client: what was written here goes home first. Called off when a program maps the region again
 * meanwhile.
 *
 * <p>Belongs to the region's event loop.
 */
final class ClientDeparture {
    /** Token of this departure's flushes; those of programs are greater. */
    static final int TOKEN = 0;

    private static final Logger LOG = LoggerFactory.getLogger(ClientDeparture.class);

    private final ClientRegion core;
    private final String region;
    private final Runnable gone;
    private boolean underWay;
    private boolean flushing;
    private long deadlineNs;

    /** @param gone runs when nothing written is left here, or when the time is over */
    ClientDeparture(ClientRegion core, String region, Runnable gone) {
        this.core = core;
        this.region = region;
        this.gone = gone;
    }

    boolean isUnderWay() {
        return underWay;
    }

    /** Begins, with that much time; an earlier deadline stands. */
    void begin(long now, long timeNs) {
        if (!underWay || deadlineNs - (now + timeNs) > 0) {
            deadlineNs = now + timeNs;
        }
        underWay = true;
        tick(now);
    }

    void callOff() {
        underWay = false;
    }

    void flushed() {
        flushing = false;
    }

    void tick(long now) {
        if (!underWay) {
            return;
        }
        if (!core.hasWritten()) {
            underWay = false;
            gone.run();
        } else if (now - deadlineNs >= 0) {
            underWay = false;
            LOG.warn(
                    "region {}: what was written here could not be brought home in time; home will report which pages"
                            + " go back",
                    region);
            gone.run();
        } else if (!flushing) {
            flushing = true;
            core.flush(0, (int) core.geometry().pages(), TOKEN, now);
        }
    }
}
