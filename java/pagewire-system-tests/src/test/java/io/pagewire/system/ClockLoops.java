package io.pagewire.system;

import io.pagewire.PageFaultException;
import io.pagewire.Region;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;

/**
 * A writer and readers that check the promise of coherence against a clock beside the system: a small ordinary file that all
 * of them map. The writer stores n to page A, then to page B, then to the clock. A reader that has seen n on the clock must
 * not read less than n from either page afterwards, must not read more from B than from A a moment later, and never less than
 * before.
 *
 * <p>Safe for use by any thread.
 */
final class ClockLoops {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private volatile int stops;

    /** Stores as many numbers, unless it is stopped before; returns how many stores completed. */
    String write(Region region, int count, Path clockFile) throws IOException {
        int before = stops;
        ByteBuffer clock = map(clockFile);
        long pageB = 3L * region.pageSize();
        long from = (long) LONG.getVolatile(clock, 0);
        long done = 0;
        while (done < count
                && store(region, 0, from + done + 1, before)
                && store(region, pageB, from + done + 1, before)) {
            done++;
            LONG.setVolatile(clock, 0, from + done);
        }
        return Long.toString(done);
    }

    /** A store that failed is lost and never completed; it is tried again, until it does or all is stopped. */
    private boolean store(Region region, long offset, long value, int before) {
        while (stops == before) {
            try {
                region.putLongVolatile(offset, value);
                return true;
            } catch (PageFaultException e) {
                LockSupport.parkNanos(1_000_000);
            }
        }
        return false;
    }

    /**
     * Reads until told to stop, or until it has seen as many different values as wanted; returns how many it saw, how many rounds it made, and how many of them ended
     * with a page that could not be had.
     */
    String read(Region region, long wanted, Path clockFile) throws IOException {
        int before = stops;
        ByteBuffer clock = map(clockFile);
        long pageB = 3L * region.pageSize();
        long lastA = 0;
        long lastB = 0;
        long different = 0;
        long rounds = 0;
        long failures = 0;
        while (stops == before && different < wanted) {
            rounds++;
            long completed = (long) LONG.getVolatile(clock, 0);
            long b;
            long a;
            try {
                b = region.getLongVolatile(pageB);
                a = region.getLongVolatile(0);
            } catch (PageFaultException e) {
                failures++;
                LockSupport.parkNanos(1_000_000);
                continue;
            }
            check(b >= completed, "B was " + b + " after the store of " + completed + " had completed");
            check(a >= completed, "A was " + a + " after the store of " + completed + " had completed");
            check(a >= b, "A was " + a + " after B had been " + b);
            check(a >= lastA && b >= lastB, "A, B went back from " + lastA + ", " + lastB + " to " + a + ", " + b);
            different += b > lastB ? 1 : 0;
            lastA = a;
            lastB = b;
            LockSupport.parkNanos(20_000);
        }
        return different + " " + rounds + " " + failures;
    }

    synchronized void stop() {
        stops++;
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new PromiseBroken(what);
        }
    }

    private static ByteBuffer map(Path clockFile) throws IOException {
        try (FileChannel channel = FileChannel.open(
                clockFile, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096).order(ByteOrder.nativeOrder());
        }
    }
}
