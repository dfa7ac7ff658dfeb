package io.pagewire.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Platform threads on which virtual threads let pages be fetched. A few are enough: a fetch waits for the network. They end
 * when nothing is to do.
 *
 * <p>Safe for use by any thread.
 */
public final class PrefetchThreads {
    private static final int THREADS = 8;
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final ThreadPoolExecutor EXECUTOR = new ThreadPoolExecutor(
            THREADS, THREADS, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), PrefetchThreads::newThread);

    static {
        EXECUTOR.allowCoreThreadTimeOut(true);
    }

    private PrefetchThreads() {}

    /** Runs each task on one of the threads, in order of arrival. */
    public static Executor executor() {
        return EXECUTOR;
    }

    private static Thread newThread(Runnable task) {
        Thread thread = new Thread(task, "pagewire-prefetch-" + COUNT.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }
}
