package io.pagewire.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Time as a thread of this machine has it: where twenty threads want two processors it runs at a tenth of the speed of a clock on
 * the wall. Waits for other processes are bounded by it, so that they end when something hangs and not when the machine is busy.
 *
 * <p>The share is that of the moments at which somebody looks, so a wait looks every few milliseconds. For use by one thread.
 */
public final class FairClock {
    private static final Path LOAD = Path.of("/proc/loadavg");
    private static final long LOOK_MS = 20;

    private final LongSupplier wallNs;
    private final IntSupplier runnable;
    private final int processors;
    private long lastNs;
    private double passedNs;

    /** Starts now. */
    public FairClock() {
        this(System::nanoTime, FairClock::runnableNow, Runtime.getRuntime().availableProcessors());
    }

    FairClock(LongSupplier wallNs, IntSupplier runnable, int processors) {
        this.wallNs = wallNs;
        this.runnable = runnable;
        this.processors = processors;
        this.lastNs = wallNs.getAsLong();
    }

    /** Since the start. */
    public Duration passed() {
        long now = wallNs.getAsLong();
        passedNs += (now - lastNs) * Math.min(1.0, processors / (double) runnable.getAsInt());
        lastNs = now;
        return Duration.ofNanos((long) passedNs);
    }

    /** True once so much has passed from now on; for Awaitility's {@code failFast}. */
    public static Callable<Boolean> over(Duration most) {
        FairClock clock = new FairClock();
        return () -> clock.passed().compareTo(most) > 0;
    }

    /** Waits for the end of a process; false when it has not ended by then. */
    public static boolean ends(Process process, Duration most) throws InterruptedException {
        FairClock clock = new FairClock();
        while (!process.waitFor(LOOK_MS, TimeUnit.MILLISECONDS)) {
            if (clock.passed().compareTo(most) > 0) {
                return false;
            }
        }
        return true;
    }

    /** Waits for a result. */
    public static <T> T get(Future<T> future, Duration most)
            throws InterruptedException, ExecutionException, TimeoutException {
        FairClock clock = new FairClock();
        while (true) {
            try {
                return future.get(LOOK_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (clock.passed().compareTo(most) > 0) {
                    throw e;
                }
            }
        }
    }

    /** Threads that run or want to, at this moment; at least the one that asks. */
    private static int runnableNow() {
        try {
            String load = Files.readString(LOAD);
            String threads = load.split(" ")[3];
            return Math.max(1, Integer.parseInt(threads.substring(0, threads.indexOf('/'))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
