package io.pagewire.system;

import io.pagewire.PageFaultException;
import io.pagewire.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Many threads of one program that fault at once, each on pages of its own.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Crowd {
    private static final int STACK_BYTES = 128 << 10;

    private Crowd() {}

    /** Each thread loads from so many pages that nobody else touches. How many loads failed, and the longest in ms. */
    static String touch(Region region, int threads, int pagesEach) throws InterruptedException {
        CountDownLatch start = new CountDownLatch(1);
        AtomicInteger failed = new AtomicInteger();
        AtomicLong longest = new AtomicLong();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            long first = (long) i * pagesEach;
            Runnable load = () -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                for (int page = 0; page < pagesEach; page++) {
                    long began = System.nanoTime();
                    try {
                        region.getLongVolatile((first + page) * region.pageSize());
                    } catch (PageFaultException e) {
                        failed.incrementAndGet();
                    }
                    longest.accumulateAndGet(System.nanoTime() - began, Math::max);
                }
            };
            Thread thread = new Thread(null, load, "crowd-" + i, STACK_BYTES);
            thread.start();
            all.add(thread);
        }
        start.countDown();
        for (Thread thread : all) {
            thread.join();
        }
        return failed + " failed, the longest took " + longest.get() / 1_000_000 + " ms";
    }
}
