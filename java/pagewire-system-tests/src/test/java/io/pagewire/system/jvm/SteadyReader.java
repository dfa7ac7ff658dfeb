package io.pagewire.system.jvm;

import io.pagewire.PageFaultException;
import io.pagewire.Region;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads a part of a region that nobody else touches, again and again. Every round must give the right sum or a
 * PageFaultException; the sum of a raw round may be wrong only if the exception follows.
 *
 * <p>A thread of its own.
 */
final class SteadyReader extends Thread {
    /** A way to read everything; region is null when the same is done to ordinary memory. */
    interface Sum {
        long of(Region region, int offset, ByteBuffer bytes);
    }

    private static final long FINISH_MS = 60_000;

    /** Some thousands of failures a second, and something left of the processor for the others. */
    private static final long PAUSE_NS = 200_000;

    private final Region region;
    private final int offset;
    private final int length;
    private final Sum sum;
    private final long expected;
    private volatile boolean finishing;
    private volatile int failures;
    private volatile Throwable wrong;

    /** truth: what the part of the region from offset on must hold. */
    SteadyReader(String name, Region region, int offset, Sum sum, ByteBuffer truth) {
        super("steady " + name);
        this.region = region;
        this.offset = offset;
        this.length = truth.limit();
        this.sum = sum;
        this.expected = sum.of(null, 0, truth);
        setDaemon(true);
    }

    @Override
    public void run() {
        while (wrong == null) {
            try {
                LockSupport.parkNanos(PAUSE_NS);
                long got = sum.of(region, offset, region.buffer(offset, length));
                if (got == expected) {
                    if (finishing) {
                        return;
                    }
                } else {
                    Thread.sleep(10_000); // the exception finds the thread here
                    wrong = new AssertionError("sum " + got + " instead of " + expected + ", and no exception");
                }
            } catch (PageFaultException e) {
                failures++;
            } catch (Throwable e) {
                wrong = e;
            }
        }
    }

    /** Waits for a right round; asserts that failures were met and that nothing was wrong. */
    void finish() throws InterruptedException {
        finishing = true;
        join(FINISH_MS);
        if (isAlive() || wrong != null || failures == 0) {
            throw new AssertionError(getName() + ": alive " + isAlive() + ", failures " + failures, wrong);
        }
        System.out.println(getName() + " met " + failures + " failures");
    }
}
