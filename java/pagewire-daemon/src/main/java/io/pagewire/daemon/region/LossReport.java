package io.pagewire.daemon.region;

import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells everybody about lost pages of one region: programs and other hosts, the log, the reports. Pages that are told of one
 * after the other are gathered into runs; {@link #flush} ends a run.
 *
 * <p>Belongs to the region's event loop.
 */
final class LossReport {
    /** Tells the programs here, and from home the other hosts. */
    interface Listeners {
        void lost(long firstPage, int count, String holder);
    }

    private static final Logger LOG = LoggerFactory.getLogger(LossReport.class);
    private static final int MOST_LINES = 8;

    private final String region;
    private final Losses losses;
    private final Listeners listeners;
    private String holder;
    private long first;
    private int count;
    private int lines;
    private long unsaid;

    LossReport(String region, Losses losses, Listeners listeners) {
        this.region = region;
        this.losses = losses;
        this.listeners = listeners;
    }

    /** These pages, last written on host {@code lostHolder}, went back. */
    void add(long firstPage, int pages, String lostHolder) {
        if (count > 0 && firstPage == first + count && lostHolder.equals(holder)) {
            count += pages;
            return;
        }
        flush();
        first = firstPage;
        count = pages;
        holder = lostHolder;
    }

    /** Tells of what has been gathered. */
    void flush() {
        if (count == 0) {
            return;
        }
        losses.add(new Losses.Loss(region, first, count, holder, Instant.now()));
        if (++lines <= MOST_LINES) {
            LOG.warn(
                    "region {}: {} pages from page {} went back to what was written back last, because host {} is gone"
                            + " with what it had written since",
                    region,
                    count,
                    first,
                    holder);
        } else {
            unsaid += count;
        }
        int pages = count;
        count = 0;
        listeners.lost(first, pages, holder);
    }

    /** Tells of what has been gathered, and how much the log was spared; called every few milliseconds. */
    void tick() {
        flush();
        if (unsaid > 0) {
            LOG.warn("region {}: ... and {} pages more, in {} pieces", region, unsaid, lines - MOST_LINES);
        }
        unsaid = 0;
        lines = 0;
    }
}
