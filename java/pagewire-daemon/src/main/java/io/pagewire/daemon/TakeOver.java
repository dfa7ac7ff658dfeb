package io.pagewire.daemon;

import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.RegionRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes many regions over, several at a time: each waits for the disk of the directory, which writes for all of them at once. Says
 * how far it is when that takes long.
 *
 * <p>Used by the thread that starts the daemon, which waits.
 */
final class TakeOver {
    private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);
    private static final int AT_A_TIME = 64;
    private static final long TELL_NS = 2_000_000_000L;

    /** What is done with one region; a failure ends all of it. */
    interface One {
        void takeOver(RegionRecord record) throws DirectoryException, IOException;
    }

    private final Executor threads;
    private final One one;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private volatile boolean failed;
    private long toldNs = System.nanoTime();

    TakeOver(Executor threads, One one) {
        this.threads = threads;
        this.one = one;
    }

    /** Returns when all are done; throws the failure of one of them. */
    void all(List<RegionRecord> regions) throws DirectoryException, IOException {
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (int i = 0; i < Math.min(AT_A_TIME, regions.size()); i++) {
            workers.add(CompletableFuture.runAsync(() -> work(regions), threads));
        }
        try {
            CompletableFuture.allOf(workers.toArray(CompletableFuture<?>[]::new))
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof DirectoryException problem) {
                throw problem;
            }
            if (e.getCause() instanceof IOException problem) {
                throw problem;
            }
            throw e;
        }
        if (done.get() >= AT_A_TIME) {
            LOG.info("{} regions of this host are taken over", done.get());
        }
    }

    private void work(List<RegionRecord> regions) {
        for (int i = next.getAndIncrement(); i < regions.size() && !failed; i = next.getAndIncrement()) {
            try {
                one.takeOver(regions.get(i));
            } catch (DirectoryException | IOException e) {
                failed = true;
                throw new CompletionException(e);
            } catch (RuntimeException | Error e) {
                failed = true;
                throw e;
            }
            tell(done.incrementAndGet(), regions.size());
        }
    }

    private synchronized void tell(int taken, int all) {
        if (System.nanoTime() - toldNs >= TELL_NS) {
            toldNs = System.nanoTime();
            LOG.info("{} of {} regions of this host are taken over", taken, all);
        }
    }
}
