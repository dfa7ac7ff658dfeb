package io.pagewire.daemon.region;

import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.Reasons;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks through preloaded frames for what programs have changed, and waits while too much of it is on its way home.
 *
 * <p>Runs on a thread that may block; {@link #answered} and {@link #stop} are for the region's event loop.
 */
final class ChangeSearch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeSearch.class);

    /** Bytes that may be unanswered before the next change waits; far below what home puts up with. */
    private static final int WINDOW_BYTES = 4 << 20;

    private final PreloadedRuntime region;
    private final PublishExchange exchange;
    private final long firstPage;
    private final long endPage;
    private int unanswered;
    private long unansweredBytes;
    private boolean stopped;

    /** The frames must be held for it; it lets go of them when it ends. */
    ChangeSearch(PreloadedRuntime region, PublishExchange exchange, long firstPage, long endPage) {
        this.region = region;
        this.exchange = exchange;
        this.firstPage = firstPage;
        this.endPage = endPage;
    }

    @Override
    public void run() {
        String problem = null;
        try {
            search();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem = "dsmd is stopping";
        } catch (RuntimeException | Error e) {
            LOG.error("region {}: looking for changes failed", region.record().name(), e);
            problem = "dsmd failed while it looked for changes (" + Reasons.of(e) + "); its log has the details";
        } finally {
            region.frames().close();
        }
        String outcome = problem;
        region.loop().execute(() -> exchange.searched(this, outcome));
    }

    private void search() throws InterruptedException {
        PreloadedFrames frames = region.frames();
        for (long page = firstPage; page < endPage && !isStopped(); page++) {
            PageChange change = frames.change(page, region.contentOf(page));
            if (change != null && roomFor(change.encodedLength())) {
                region.loop().execute(() -> exchange.found(this, change));
            }
            exchange.searchedTo(this, page);
        }
        if (!isStopped()) {
            exchange.searchedTo(this, endPage);
        }
    }

    /** Waits for room; false when nothing more is to be sent. */
    private synchronized boolean roomFor(int length) throws InterruptedException {
        while (!stopped
                && unanswered > 0
                && (unanswered == PeerLayout.MOST_PUBLISHES || unansweredBytes + length > WINDOW_BYTES)) {
            wait();
        }
        unanswered++;
        unansweredBytes += length;
        return !stopped;
    }

    /** Home has answered; there is room for more. */
    synchronized void answered(PageChange change) {
        unanswered--;
        unansweredBytes -= change.encodedLength();
        notifyAll();
    }

    synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    private synchronized boolean isStopped() {
        return stopped;
    }
}
