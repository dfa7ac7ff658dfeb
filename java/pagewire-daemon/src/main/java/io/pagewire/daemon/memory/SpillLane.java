package io.pagewire.daemon.memory;

import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands work on sectors of one region to slow threads and brings the results back. What one turn of the loop asks for goes in
 * one batch; one batch is under way at a time, so work is done in the order it was asked for.
 *
 * <p>Belongs to the region's event loop, except for {@link #work}.
 */
abstract class SpillLane {
    private static final Logger LOG = LoggerFactory.getLogger(SpillLane.class);
    private static final int BATCH_BYTES = 1 << 20;
    private static final int MOST_IN_BATCH = 64;

    private final Executor slow;
    private final Executor loop;
    private final SpillHandle file;
    private final Runnable start = this::start;
    private final Runnable run = this::run;
    private final Runnable finish = this::finish;
    private final int most;

    private long[] pages = new long[16];
    private int[] sectors = new int[16];
    private int[] checksums = new int[16];
    private int waiting;
    private boolean busy;

    private final long[] batchPages;
    private final int[] batchSectors;
    private final int[] batchChecksums;
    private final int[] causes;
    private int batch;

    SpillLane(Executor slow, Executor loop, SpillHandle file, int pageSize) {
        this.slow = slow;
        this.loop = loop;
        this.file = file;
        most = Math.max(1, Math.min(MOST_IN_BATCH, BATCH_BYTES / pageSize));
        batchPages = new long[most];
        batchSectors = new int[most];
        batchChecksums = new int[most];
        causes = new int[most];
    }

    /** Does one piece; runs on a slow thread. Gives a cause (0 = done); a checksum goes to {@link #checksum}. */
    abstract int work(int index, long page, int sector, int checksum);

    /** One piece is done; runs on the loop. */
    abstract void done(long page, int sector, int checksum, int cause);

    /** Work failed in a way that {@link #work} does not know of. */
    abstract int failed(Throwable failure);

    final void checksum(int index, int value) {
        batchChecksums[index] = value;
    }

    final void add(long page, int sector, int checksum) {
        if (waiting == pages.length) {
            pages = Arrays.copyOf(pages, waiting * 2);
            sectors = Arrays.copyOf(sectors, waiting * 2);
            checksums = Arrays.copyOf(checksums, waiting * 2);
        }
        pages[waiting] = page;
        sectors[waiting] = sector;
        checksums[waiting++] = checksum;
        if (!busy) {
            busy = true;
            loop.execute(start);
        }
    }

    private void start() {
        if (!file.hold()) {
            return; // closed meanwhile: nobody wants the results
        }
        batch = Math.min(waiting, most);
        System.arraycopy(pages, 0, batchPages, 0, batch);
        System.arraycopy(sectors, 0, batchSectors, 0, batch);
        System.arraycopy(checksums, 0, batchChecksums, 0, batch);
        waiting -= batch;
        System.arraycopy(pages, batch, pages, 0, waiting);
        System.arraycopy(sectors, batch, sectors, 0, waiting);
        System.arraycopy(checksums, batch, checksums, 0, waiting);
        try {
            slow.execute(run);
        } catch (RejectedExecutionException e) {
            LOG.debug("dsmd is stopping, nothing is spilled any more: {}", e.getMessage());
            file.release();
        }
    }

    private void run() {
        try {
            for (int i = 0; i < batch; i++) {
                causes[i] = guarded(i);
            }
            loop.execute(finish);
        } catch (RejectedExecutionException e) {
            LOG.debug("the region's loop has ended: {}", e.getMessage());
        } finally {
            file.release();
        }
    }

    private int guarded(int i) {
        try {
            return work(i, batchPages[i], batchSectors[i], batchChecksums[i]);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("spilling failed inside dsmd", e);
            return failed(e);
        }
    }

    private void finish() {
        if (file.isClosed()) {
            return;
        }
        for (int i = 0; i < batch && !file.isClosed(); i++) {
            try {
                done(batchPages[i], batchSectors[i], batchChecksums[i], causes[i]);
            } catch (RuntimeException e) {
                LOG.error("page {} cannot go on after it was spilled or read back", batchPages[i], e);
            }
        }
        if (waiting > 0) {
            start();
        } else {
            busy = false;
        }
    }
}
