package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends home what programs have changed since the last time, page by page (SPEC: V10, V11). A thread that may block looks for
 * differences and waits while too much is unanswered; the twin takes a change over when home has it, so what was not
 * acknowledged is found again by the next publish.
 *
 * <p>Belongs to the region's event loop, but for {@link #scan}.
 */
final class PublishExchange extends Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(PublishExchange.class);

    /** Bytes that may be unanswered before the next change waits; far below what home puts up with. */
    private static final int WINDOW_BYTES = 4 << 20;

    /** Pages without a change after which the search counts as progress. */
    private static final int SEARCHED = 4096;

    private final PreloadedRuntime region;
    private final Executor slow;
    private final long firstPage;
    private final long endPage;
    private final Deque<PageChange> unanswered = new ArrayDeque<>();
    private final Window window = new Window();
    private Circuit circuit;
    private boolean searched;
    private boolean over;
    private long pages;
    private FaultCause refusal;
    private long refusedPage;

    /** What is on its way, as the searching thread sees it. Safe for use by any thread. */
    private static final class Window {
        private int messages;
        private long bytes;
        private boolean stopped;

        /** Waits for room; false when nothing more is to be sent. */
        synchronized boolean take(int length) throws InterruptedException {
            while (!stopped && messages > 0 && (messages == PeerLayout.MOST_PUBLISHES || bytes + length > WINDOW_BYTES)) {
                wait();
            }
            messages++;
            bytes += length;
            return !stopped;
        }

        synchronized void give(int length) {
            messages--;
            bytes -= length;
            notifyAll();
        }

        synchronized void stop() {
            stopped = true;
            notifyAll();
        }

        synchronized boolean isStopped() {
            return stopped;
        }
    }

    /** Of the pages from {@code firstPage} to the one before {@code endPage}. */
    PublishExchange(
            PreloadedRuntime region, Executor slow, long firstPage, long endPage, Consumer<ControlReply> done) {
        super(done);
        this.region = region;
        this.slow = slow;
        this.firstPage = firstPage;
        this.endPage = endPage;
    }

    @Override
    void begin(Circuit to, long epoch) {
        circuit = to;
        region.counters().publishes++;
        if (!region.frames().hold()) {
            throw new IllegalStateException("the frames of region " + region.record().name() + " are closed");
        }
        slow.execute(this::scan);
    }

    @Override
    boolean beginsAnew() {
        return false;
    }

    @Override
    boolean outlivesMappings() {
        return true;
    }

    @Override
    void stop() {
        over = true;
        window.stop();
    }

    private void scan() {
        String problem = null;
        try {
            search();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem = "dsmd is stopping";
        } catch (RuntimeException e) {
            LOG.error("region {}: looking for changes failed", region.record().name(), e);
            problem = "dsmd failed while it looked for changes (" + e + "); its log has the details";
        } finally {
            region.frames().close();
        }
        String failed = problem;
        region.loop().execute(() -> scanned(failed));
    }

    private void search() throws InterruptedException {
        PreloadedFrames frames = region.frames();
        for (long page = firstPage; page < endPage && !window.isStopped(); page++) {
            PageChange change = frames.change(page, region.contentOf(page));
            if (change != null) {
                if (!window.take(change.encodedLength())) {
                    return;
                }
                region.loop().execute(() -> send(change));
            } else if (page % SEARCHED == 0) {
                progress();
            }
        }
    }

    private void send(PageChange change) {
        if (over) {
            return;
        }
        change.request(region.nextRequest());
        unanswered.add(change);
        int from = 0;
        int part = 0;
        while (part < change.parts()) {
            int count = change.fitting(part, PeerLayout.MAX_PAYLOAD - PeerLayout.SYNC_LENGTH);
            boolean more = part + count < change.parts();
            ByteBuf message = circuit.begin(PeerLayout.PUBLISH, PeerLayout.SYNC_LENGTH + change.encodedLength(part, count));
            message.writeIntLE(change.request())
                    .writeIntLE(more ? PeerLayout.PUBLISH_MORE : 0)
                    .writeLongLE(change.page());
            from = change.encode(message, part, count, from);
            circuit.send(message);
            part += count;
        }
        region.counters().bytesPublished += change.bytes();
        progress();
    }

    @Override
    String message(int type, ByteBuf bytes, int at, int length) {
        if (type != PeerLayout.PUBLISHED) {
            return "message of type " + type + " while a publish is under way";
        }
        PageChange change = unanswered.peek();
        if (length != PeerLayout.SYNC_LENGTH
                || change == null
                || bytes.getIntLE(at + PeerLayout.SYNC_REQUEST) != change.request()
                || bytes.getLongLE(at + PeerLayout.SYNC_PAGE) != change.page()) {
            return "PUBLISHED of " + length + " bytes that answers no publish that is due";
        }
        unanswered.remove();
        int cause = bytes.getIntLE(at + PeerLayout.SYNC_CAUSE);
        if (cause == 0) {
            region.frames().published(change);
            region.counters().pagesPublished++;
            pages++;
        } else if (refusal == null) {
            refusal = FaultCause.of(cause);
            refusedPage = change.page();
        }
        window.give(change.encodedLength());
        if (refusal != null && refusal != FaultCause.FILE_ERROR && refusal != FaultCause.NO_MEMORY) {
            window.stop(); // no other page would fare better
        }
        progress();
        endIfDone();
        return null;
    }

    private void scanned(String problem) {
        if (over) {
            return;
        }
        searched = true;
        if (problem != null) {
            stop();
            region.hangUp(FaultCause.CLOSED);
            region.exchanges().fail(FaultCause.CLOSED, problem);
        } else {
            endIfDone();
        }
    }

    private void endIfDone() {
        if (!searched || !unanswered.isEmpty()) {
            return;
        }
        over = true;
        if (refusal == null) {
            region.exchanges().ended(this, ControlReply.ok(pages));
        } else {
            region.exchanges()
                    .fail(
                            refusal,
                            "page " + refusedPage + " could not be published: " + refusal.text() + "; " + pages
                                    + " other pages were. What was not stays here and goes with the next publish");
        }
    }
}
