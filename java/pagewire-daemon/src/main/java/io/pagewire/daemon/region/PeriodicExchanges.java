package io.pagewire.daemon.region;

import io.pagewire.daemon.local.ControlReply;
import io.pagewire.wire.LocalStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exchanges with home that nobody asks for each time: every period, a publish where programs may write, then a refresh.
 *
 * <p>Belongs to the region's event loop.
 */
final class PeriodicExchanges {
    private static final Logger LOG = LoggerFactory.getLogger(PeriodicExchanges.class);
    private static final long MS = 1_000_000L;

    private final PreloadedRuntime region;
    private long newestNs = System.nanoTime();
    private String failure;

    PeriodicExchanges(PreloadedRuntime region) {
        this.region = region;
    }

    /** Begins the next ones when it is time and nothing else is under way. */
    void tick(long now, PreloadedMappings mappings) {
        long periodMs = mappings.shortestPeriodMs();
        if (periodMs == 0
                || now - newestNs < periodMs * MS
                || !region.isInUse()
                || !region.exchanges().isIdle()) {
            return;
        }
        newestNs = now;
        if (mappings.anyWrites()) {
            region.exchanges().add(region.publishing(this::ended));
        }
        region.exchanges().add(new RefreshExchange(region, false, this::ended));
    }

    /** Nobody waits for the outcome, so the log tells what is wrong, once. */
    private void ended(ControlReply outcome) {
        if (outcome.status() == LocalStatus.OK) {
            if (failure != null) {
                LOG.info(
                        "region {}: periodic exchanges work again",
                        region.record().name());
            }
            failure = null;
        } else if (!outcome.reason().equals(failure)) {
            failure = outcome.reason();
            LOG.warn("a periodic exchange failed and is tried again every period: {}", failure);
        }
    }
}
