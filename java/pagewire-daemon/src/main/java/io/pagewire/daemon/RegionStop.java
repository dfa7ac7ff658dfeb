package io.pagewire.daemon;

import io.pagewire.daemon.config.Deadlines;
import io.pagewire.daemon.region.Stoppable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends regions and streams in order when their daemon stops: each takes as long as bytes get on. What ends them sooner is a stall,
 * which each judges itself, {@link #hurry}, and the limit of the settings.
 *
 * <p>Used by the thread that stops the daemon; {@link #hurry} is for any.
 */
final class RegionStop {
    private static final Logger LOG = LoggerFactory.getLogger(RegionStop.class);
    private static final int LOOK_MS = 200;

    private final Deadlines deadlines;
    private final CountDownLatch hurried = new CountDownLatch(1);
    private long endNs;
    private boolean complete = true;

    RegionStop(Deadlines deadlines) {
        this.deadlines = deadlines;
    }

    /** The stop is to wait for nothing any more. */
    void hurry() {
        hurried.countDown();
    }

    /** Whether everything that was written is at home; false also when nobody knows. */
    boolean isComplete() {
        return complete;
    }

    /** The clock of the limit begins to run. */
    void begin() {
        endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(deadlines.stopMs());
    }

    /** Ends these; returns when they are over. */
    void end(Collection<? extends Stoppable> regions) throws InterruptedException {
        List<Stopping> open = new ArrayList<>();
        for (Stoppable region : List.copyOf(regions)) {
            open.add(new Stopping(region));
        }
        boolean gaveUp = false;
        while (!open.isEmpty()) {
            String why = hurried.getCount() == 0
                    ? "dsmd was told to stop at once"
                    : deadlines.stopMs() > 0 && System.nanoTime() - endNs >= 0
                            ? "they were to be there within " + deadlines.stopMs() + " ms (setting deadlines.stop-ms)"
                            : null;
            if (why != null && !gaveUp) {
                gaveUp = true;
                open.forEach(one -> one.giveUp(why));
            }
            open.get(0).await();
            removeOver(open);
        }
    }

    private void removeOver(List<Stopping> open) {
        for (Iterator<Stopping> all = open.iterator(); all.hasNext(); ) {
            Stopping one = all.next();
            if (one.isOver()) {
                complete &= one.cameHome;
                all.remove();
            } else if (one.isDead()) {
                LOG.error("{} could not be closed in order: its event loop does nothing any more", one.name());
                complete = false;
                all.remove();
            }
        }
    }

    /** One region, ending on its loop. A loop that runs nothing for the stall limit is given up. */
    private final class Stopping {
        private final Stoppable region;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile boolean cameHome;
        private volatile long aliveNs = System.nanoTime();
        private volatile boolean probing;

        Stopping(Stoppable region) {
            this.region = region;
            region.loop().execute(() -> {
                try {
                    region.shutDown(this::over);
                } catch (RuntimeException e) {
                    LOG.error("{} could not be closed", region.called(), e);
                    over(false);
                }
            });
        }

        private void over(boolean home) {
            cameHome = home;
            over.countDown();
        }

        String name() {
            return region.called();
        }

        void giveUp(String why) {
            region.loop().execute(() -> region.giveUp(why));
        }

        void await() throws InterruptedException {
            if (!over.await(LOOK_MS, TimeUnit.MILLISECONDS) && !probing) {
                probing = true;
                region.loop().execute(() -> {
                    aliveNs = System.nanoTime();
                    probing = false;
                });
            }
        }

        boolean isOver() {
            return over.getCount() == 0;
        }

        boolean isDead() {
            return probing && System.nanoTime() - aliveNs >= TimeUnit.MILLISECONDS.toNanos(deadlines.stallMs());
        }
    }
}
