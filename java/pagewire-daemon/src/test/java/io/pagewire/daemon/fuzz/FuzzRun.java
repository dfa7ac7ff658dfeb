package io.pagewire.daemon.fuzz;

import com.sun.management.ThreadMXBean;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs one target on many inputs and throws at the first finding: an exception, an error in the log, an input that takes
 * longer than 5 s or allocates more than 32 MiB, a buffer that is not given back.
 *
 * <p>For use by one thread; a second one watches the time.
 */
final class FuzzRun {
    /** What came of a run. Times in ns, memory in bytes. */
    record Result(String target, long inputs, long tookNs, long slowestNs, long mostAllocated) {}

    private static final long HANG_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long MOST_ALLOCATED = 32 << 20;

    private final FuzzTarget target;
    private final long seed;
    private final Mutator mutator;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private volatile long number;
    private volatile long startedNs;
    private long slowestNs;
    private long mostAllocated;

    FuzzRun(FuzzTarget target, long seed) throws Exception {
        this.target = target;
        this.seed = seed;
        this.mutator = new Mutator(target.corpus(), seed, target.name(), target.longest());
    }

    /**
     * @param paranoid so many of the inputs run under Netty's own leak detector at its strictest, which makes buffers tens of
     *     times slower; the allocator of the targets counts every byte all the time
     * @param progress is told the number of inputs done, every now and then
     */
    Result run(long from, long to, long paranoid, Consumer<Long> progress) throws Exception {
        Thread watch = new Thread(this::watch, "fuzz-watch");
        watch.setDaemon(true);
        startedNs = System.nanoTime();
        long began = startedNs;
        watch.start();
        try (LoggedErrors errors = new LoggedErrors()) {
            for (number = from; number < to; number++) {
                boolean watched = number - from < paranoid;
                ResourceLeakDetector.setLevel(watched ? Level.PARANOID : Level.DISABLED);
                one(errors, watched);
                if ((number & 0xffff) == 0xffff) {
                    progress.accept(number - from + 1);
                }
            }
        } finally {
            watch.interrupt();
            watch.join();
        }
        return new Result(target.name(), to - from, System.nanoTime() - began, slowestNs, mostAllocated);
    }

    /** @param watched Netty's leak detector keeps a stack trace for every use of a buffer, which is no memory of the daemon's */
    private void one(LoggedErrors errors, boolean watched) {
        byte[] input = mutator.input(number);
        long before = threads.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        startedNs = start;
        try {
            target.run(input);
            errors.throwIfAny();
        } catch (Throwable e) {
            throw new AssertionError(where(), e);
        }
        slowestNs = Math.max(slowestNs, System.nanoTime() - start);
        if (watched) {
            return;
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        mostAllocated = Math.max(mostAllocated, allocated);
        if (allocated > MOST_ALLOCATED) {
            throw new AssertionError(where() + ": the input of " + input.length + " bytes made the daemon allocate "
                    + allocated + " bytes");
        }
    }

    private String where() {
        return "finding: tools/fuzz --target " + target.name() + " --seed " + seed + " --only " + number;
    }

    private void watch() {
        Thread runner = null;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("fuzz-run")
                    || runner == null && thread.getName().equals("main")) {
                runner = thread;
            }
        }
        try {
            while (true) {
                Thread.sleep(500);
                if (System.nanoTime() - startedNs > HANG_NS) {
                    System.err.println(where() + ": an input takes longer than 5 s");
                    if (runner != null) {
                        for (StackTraceElement frame : runner.getStackTrace()) {
                            System.err.println("    at " + frame);
                        }
                    }
                    System.exit(1);
                }
            }
        } catch (InterruptedException e) {
            // The run is over.
        }
    }
}
