package io.pagewire.daemon.region;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log says about the end of a region that takes a while: how much is left, every second of a stop and every ten of any
 * other end.
 *
 * <p>Belongs to the region's event loop.
 */
final class EndLog {
    private static final Logger LOG = LoggerFactory.getLogger(EndLog.class);
    private static final long SECOND_NS = 1_000_000_000L;

    private final String region;
    private final int pageSize;
    private long saidNs;
    private boolean said;

    EndLog(String region, int pageSize) {
        this.region = region;
        this.pageSize = pageSize;
    }

    void begin(long now) {
        saidNs = now;
        said = false;
    }

    /** @param where "on host a" */
    void left(boolean stopping, long pages, long total, String where, long now) {
        if (now - saidNs < (stopping || !said ? SECOND_NS : 10 * SECOND_NS)) {
            return;
        }
        saidNs = now;
        said = true;
        LOG.info(
                "{}region {}: {} of {} bytes ({} pages) are not {} yet",
                stopping ? "stopping: " : "",
                region,
                pages * pageSize,
                total * pageSize,
                pages,
                where);
    }

    /** All is at home; said only when it took long enough to speak of it before. */
    void done(String where) {
        if (said) {
            LOG.info("region {}: everything that was written is {}", region, where);
        }
    }

    void failed(PageRanges pages, String where, String why) {
        LOG.warn("region {}: {} pages are not {}: {}; pages {}", region, pages.count(), where, why, pages);
    }
}
