package io.pagewire.system;

import io.pagewire.MapOptions;
import io.pagewire.Region;
import io.pagewire.RegionStats;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the Java program of the tests can do with preloaded regions. A stamped page has the same number in all of its longs, so a
 * reader sees whether it came whole.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class PreloadedCommands {
    private PreloadedCommands() {}

    static MapOptions options(long periodMs) {
        return MapOptions.defaults().withPreloaded(true).withPeriod(Duration.ofMillis(periodMs));
    }

    /** Maps and counts: bytes reported in all, whether they never went back, and the last report. */
    static final class Watched {
        private final AtomicLong last = new AtomicLong(-1);
        private final AtomicReference<String> problem = new AtomicReference<>("");

        MapOptions options() {
            return PreloadedCommands.options(0).withProgress((done, total) -> {
                if (done < last.get() || done > total) {
                    problem.set("went from " + last.get() + " to " + done + " of " + total);
                }
                last.set(done);
            });
        }

        String outcome() {
            return last.get() + problem.get();
        }
    }

    /** Stores a byte every {@code step} bytes. */
    static String putEvery(Region region, int step, byte value) {
        for (long at = 0; at < region.size(); at += step) {
            region.putByte(at, value);
        }
        return "done";
    }

    /** Several threads read and write every page of their share in turn, some rounds long. */
    static String storm(Region region, int threads, int rounds) throws InterruptedException {
        CountDownLatch start = new CountDownLatch(1);
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread[] all = new Thread[threads];
        for (int t = 0; t < threads; t++) {
            int mine = t;
            all[t] = new Thread(() -> {
                try {
                    start.await();
                    for (int round = 1; round <= rounds; round++) {
                        for (long at = 8L * mine; at + 8 <= region.size(); at += 8L * threads * 16) {
                            region.putLong(at, region.getLong(at) + round);
                        }
                    }
                } catch (Throwable e) {
                    failed.set(e);
                }
            });
            all[t].start();
        }
        start.countDown();
        for (Thread thread : all) {
            thread.join();
        }
        if (failed.get() != null) {
            throw new AssertionError(failed.get());
        }
        return "done";
    }

    /** Stamps pages 0 to {@code pages - 1} with each number from {@code from} to {@code to} and publishes each time. */
    static String stamp(Region region, int pages, long from, long to) {
        for (long n = from; n <= to; n++) {
            for (long at = 0; at < (long) pages * region.pageSize(); at += 8) {
                region.putLong(at, n);
            }
            region.publish();
        }
        return "done";
    }

    /**
     * Reads stamped pages on demand until all of them have {@code last}: each is whole, none goes back, and a page never has a
     * number that pages before it did not have before. Returns how many different states were seen.
     */
    static String checkStamps(Region region, int pages, long last) throws InterruptedException {
        int longs = region.pageSize() / 8;
        long[] seen = new long[pages];
        long[] bytes = new long[longs];
        long states = 0;
        while (seen[pages - 1] < last) {
            boolean changed = false;
            for (int page = pages - 1;
                    page >= 0;
                    page--) { // publishes go upwards, so each must be at least the one behind
                long n = stampOf(region, page, bytes);
                if (n < seen[page]) {
                    throw new AssertionError("page " + page + " went back from " + seen[page] + " to " + n);
                }
                if (page < pages - 1 && n < seen[page + 1]) {
                    throw new AssertionError(
                            "page " + page + " has " + n + " after page " + (page + 1) + " had " + seen[page + 1]);
                }
                changed |= n != seen[page];
                seen[page] = n;
            }
            states += changed ? 1 : 0;
            if (!changed) {
                Thread.sleep(1);
            }
        }
        return Long.toString(states);
    }

    /**
     * The number of a page. A publish may come between two loads: what is loaded later is then newer, never older, and what was
     * loaded before is newer when it is loaded again.
     */
    private static long stampOf(Region region, int page, long[] longs) {
        long base = (long) page * region.pageSize();
        long last;
        do {
            for (int i = 0; i < longs.length; i++) {
                longs[i] = region.getLong(base + 8L * i);
                if (i > 0 && longs[i] < longs[i - 1]) {
                    throw new AssertionError(
                            "page " + page + " has " + longs[i] + " in long " + i + " after " + longs[i - 1]);
                }
            }
            last = longs[longs.length - 1];
            for (int i = 0; i < longs.length; i++) {
                if (region.getLong(base + 8L * i) < last) {
                    throw new AssertionError("page " + page + " has an older long " + i + " when the last is " + last);
                }
            }
        } while (longs[0] != last);
        return last;
    }

    static String stats(RegionStats stats) {
        return stats.readFaults() + " " + stats.writeFaults() + " " + stats.failedFaults() + " " + stats.revokes() + " "
                + stats.handlerEntries();
    }
}
