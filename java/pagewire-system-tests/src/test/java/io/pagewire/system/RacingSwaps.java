package io.pagewire.system;

import io.pagewire.FrameWriter;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Swaps while other threads load from the window without pause, so that some of them meet a swap between its two moves.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class RacingSwaps {
    private RacingSwaps() {}

    /** So many swaps beside so many threads: "loads retries". */
    static String run(FrameWriter writer, int swaps, int threads) throws InterruptedException {
        ByteBuffer window = writer.window();
        AtomicBoolean over = new AtomicBoolean();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        long[] loads = new long[threads];
        Thread[] all = new Thread[threads];
        for (int t = 0; t < threads; t++) {
            int mine = t;
            ByteBuffer view = window.duplicate().order(window.order());
            all[t] = new Thread(() -> {
                try {
                    long sum = 0;
                    for (int at = 0; !over.get(); at = (at + 64) % (view.capacity() - 8)) {
                        sum += view.getLong(at);
                        loads[mine]++;
                    }
                    loads[mine] += sum & 0; // the sum is used, so no load is left out
                } catch (Throwable e) {
                    failed.set(e);
                }
            });
            all[t].start();
        }
        for (int i = 0; i < swaps && failed.get() == null; i++) {
            long number = writer.stats().frames() + 1;
            CheckedFrames.fill(window, number, CheckedFrames.length(number, window.capacity()));
            writer.swap(CheckedFrames.length(number, window.capacity()));
        }
        over.set(true);
        long total = 0;
        for (int t = 0; t < threads; t++) {
            all[t].join();
            total += loads[t];
        }
        if (failed.get() != null) {
            throw new AssertionError(failed.get());
        }
        return total + " " + writer.stats().retries();
    }
}
