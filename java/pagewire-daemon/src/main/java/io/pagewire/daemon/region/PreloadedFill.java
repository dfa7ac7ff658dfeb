package io.pagewire.daemon.region;

import io.pagewire.daemon.local.ControlReply;
import io.pagewire.wire.LocalStatus;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills preloaded frames: takes their memory, all of it, then their contents from home (SPEC: V10, V11).
 *
 * <p>Belongs to the region's event loop.
 */
final class PreloadedFill {
    private static final Logger LOG = LoggerFactory.getLogger(PreloadedFill.class);

    private final PreloadedRuntime region;
    private final Executor slow;
    private final PreloadedFilling state;
    private boolean begun;
    private boolean allocated;

    PreloadedFill(PreloadedRuntime region, Executor slow) {
        this.region = region;
        this.slow = slow;
        this.state = new PreloadedFilling(region.record().span());
    }

    PreloadedFilling state() {
        return state;
    }

    /** Begins; again when it came to nothing before: whoever waited for that has given up, or is about to. */
    void needed() {
        if (!begun || state.isFailed()) {
            begun = true;
            begin();
        }
    }

    private void begin() {
        state.begins();
        if (allocated) {
            region.exchanges().add(new RefreshExchange(region, true, this::filled));
        } else if (region.frames().hold()) {
            slow.execute(() -> {
                boolean taken = region.frames().allocate();
                region.frames().close();
                region.loop().execute(() -> allocated(taken));
            });
        }
    }

    private void allocated(boolean taken) {
        if (region.isClosed()) {
            return;
        }
        allocated = taken;
        if (taken) {
            begin();
        } else {
            region.counters().failures++;
            state.failed("this host has no memory for the " + (region.frameBytes() >> 10)
                    + " KiB of preloaded frames of region " + region.record().name());
        }
    }

    private void filled(ControlReply outcome) {
        if (outcome.status() == LocalStatus.OK) {
            state.complete("");
            LOG.info("region {}: {} pages are preloaded", region.record().name(), region.pages());
        } else {
            state.failed(outcome.reason());
        }
    }
}
