package io.pagewire.daemon.sys;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that is done later, or again and again. An executor never runs a repeated task again once it has thrown anything, and
 * keeps to itself what a delayed one has thrown. Here nothing ends a repeated task but its future, an {@link Error} (Netty's for
 * memory that is used up, say) as little as an exception, and whatever is thrown is logged.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class Timers {
    private static final Logger LOG = LoggerFactory.getLogger(Timers.class);

    /** A task that fails each time says so no more often than that. */
    private static final long QUIET_NS = 5_000_000_000L;

    private Timers() {}

    /**
     * Runs the task every {@code ms} milliseconds, the first time after as many, until the future is cancelled or the executor
     * ends.
     *
     * @param what what fails when the task does; begins a line of the log
     */
    public static ScheduledFuture<?> every(ScheduledExecutorService on, long ms, String what, Runnable task) {
        return on.scheduleAtFixedRate(new Repeated(what, task), ms, ms, TimeUnit.MILLISECONDS);
    }

    /** Runs the task once, after so many milliseconds, unless the future is cancelled before. */
    public static ScheduledFuture<?> after(ScheduledExecutorService on, long ms, String what, Runnable task) {
        return on.schedule(
                () -> {
                    try {
                        task.run();
                    } catch (Throwable e) {
                        LOG.error("{} failed", what, e);
                    }
                },
                ms,
                TimeUnit.MILLISECONDS);
    }

    /** Belongs to the thread of its executor. */
    private static final class Repeated implements Runnable {
        private final String what;
        private final Runnable task;
        private long untold;
        private boolean told;
        private long toldNs;

        Repeated(String what, Runnable task) {
            this.what = what;
            this.task = task;
        }

        @Override
        public void run() {
            try {
                task.run();
            } catch (Throwable e) {
                untold++;
                tell(e);
            }
        }

        private void tell(Throwable failure) {
            long now = System.nanoTime();
            if (told && now - toldNs < QUIET_NS) {
                return;
            }
            try {
                LOG.error("{} failed ({} times since this was said last); it goes on", what, untold, failure);
                told = true;
                toldNs = now;
                untold = 0;
            } catch (Throwable logging) {
                untold++; // there may be no memory for a line of text either; it is said as soon as there is
            }
        }
    }
}
