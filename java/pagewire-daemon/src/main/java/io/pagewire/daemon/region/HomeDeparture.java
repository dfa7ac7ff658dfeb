package io.pagewire.daemon.region;

import io.pagewire.core.HomeRegion;
import io.pagewire.core.Right;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of an exported region at its owner, when its dsmd stops: what other hosts have written comes home first, since no
 * later run of the owner could tell what it is worth. It is called back as a reader of this host would.
 *
 * <p>Belongs to the region's event loop.
 */
final class HomeDeparture {
    /** The reader's number; those of programs count up from 0. */
    private static final int READER = Integer.MAX_VALUE;

    private static final int MOST_AT_ONCE = 256;
    private static final Logger LOG = LoggerFactory.getLogger(HomeDeparture.class);

    private final HomeRegion core;
    private final String region;
    private final BitSet asked = new BitSet();
    private Runnable gone;
    private long deadlineNs;

    HomeDeparture(HomeRegion core, String region) {
        this.core = core;
        this.region = region;
    }

    /** Whether nothing may be given to other hosts to write any more. */
    boolean isUnderWay() {
        return gone != null;
    }

    /** Begins, with that much time; {@code then} runs when no page is held elsewhere, or when the time is over. */
    void begin(long now, long timeNs, Runnable then) {
        gone = then;
        deadlineNs = now + timeNs;
        core.mappingOpened(READER, Right.READ);
        tick(now);
    }

    void tick(long now) {
        if (gone == null) {
            return;
        }
        int held = 0;
        for (long page = 0; page < core.geometry().pages() && held < MOST_AT_ONCE; page++) {
            if (core.holder(page) >= 0) {
                held++;
                if (!asked.get((int) page)) {
                    asked.set((int) page);
                    core.localFault(READER, 0, (int) page, page, Right.READ, now);
                }
            }
        }
        if (held > 0 && now - deadlineNs < 0) {
            return;
        }
        if (held > 0) {
            LOG.warn("region {}: not all that other hosts have written came home before dsmd stopped", region);
        }
        Runnable then = gone;
        gone = null;
        then.run();
    }
}
