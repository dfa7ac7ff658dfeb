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

/**
 * Sends home what programs have changed since the last time, page by page (SPEC: V10, V11). A thread that may block looks for
 * differences and waits while too much is unanswered; the twin takes a change over when home has it, so what was not
 * acknowledged is found again by the next publish.
 *
 * <p>Belongs to the region's event loop.
 */
final class PublishExchange extends Exchange {
    /** Bytes looked at that count as progress. */
    private static final int PACE = 16 << 20;

    private final PreloadedRuntime region;
    private final Executor slow;
    private final long firstPage;
    private final long endPage;
    private final Deque<PageChange> ready = new ArrayDeque<>();
    private final Deque<PageChange> unanswered = new ArrayDeque<>();
    private volatile ChangeSearch search;
    private Circuit circuit;
    private volatile long searchedTo;
    private volatile long furthest;
    private long sentTo;
    private boolean searched;
    private boolean last;
    private long pages;
    private FaultCause refusal;
    private long refusedPage;

    /** Of the pages from {@code firstPage} to the one before {@code endPage}. */
    PublishExchange(PreloadedRuntime region, Executor slow, long firstPage, long endPage, Consumer<ControlReply> done) {
        super(done);
        this.region = region;
        this.slow = slow;
        this.firstPage = firstPage;
        this.endPage = endPage;
        this.searchedTo = firstPage;
        this.furthest = firstPage;
        this.sentTo = firstPage - 1;
    }

    /** The search has come to this page. Where an earlier one has been, on a circuit that broke, nothing is won. Its thread. */
    void searchedTo(ChangeSearch by, long page) {
        if (by != search) {
            return;
        }
        searchedTo = page;
        if ((page - furthest) * region.record().pageSize() >= PACE) {
            furthest = page;
            progress();
        }
    }

    /** Pages whose changes may not be at home: none before the first of them was left out. */
    PageRanges notHome() {
        PageRanges pagesLeft = new PageRanges();
        long from = unanswered.isEmpty()
                ? searchedTo
                : Math.min(searchedTo, unanswered.peek().page());
        from = refusal == null ? from : Math.min(from, refusedPage);
        if (from < endPage) {
            pagesLeft.add(from, endPage - from);
        }
        return pagesLeft;
    }

    /** No other publish comes after it. */
    void last() {
        last = true;
    }

    Leaving.Report report(int state, String reason) {
        PageRanges pagesLeft = notHome();
        int pageSize = region.record().pageSize();
        return new Leaving.Report(
                state, (long) pagesLeft.count() * pageSize, (endPage - firstPage) * pageSize, pagesLeft, reason);
    }

    @Override
    void begin(Circuit to, long epoch) {
        circuit = to;
        ready.clear();
        unanswered.clear();
        searched = false;
        searchedTo = firstPage;
        refusal = null;
        region.counters().publishes++;
        search = new ChangeSearch(region, this, firstPage, endPage);
        if (!region.frames().hold()) {
            throw new IllegalStateException(
                    "the frames of region " + region.record().name() + " are closed");
        }
        slow.execute(search);
    }

    @Override
    boolean outlivesMappings() {
        return true;
    }

    @Override
    void stop() {
        if (search != null) {
            search.stop();
            search = null;
        }
    }

    /** The search has found a page. It waits for answers before it finds many more, so what is ready here is bounded. */
    void found(ChangeSearch by, PageChange change) {
        if (by == search) {
            ready.add(change);
            writable();
        }
    }

    @Override
    void writable() {
        while (!ready.isEmpty() && circuit.piece(ready.peek().encodedLength()) > 0) {
            PageChange change = ready.remove();
            circuit.gather();
            send(change);
            circuit.endPiece(change.encodedLength());
            circuit.flushGathered();
        }
    }

    private void send(PageChange change) {
        change.request(region.nextRequest());
        unanswered.add(change);
        for (int i = 0; i < change.payloads().size(); i++) {
            byte[] parts = change.payloads().get(i);
            boolean more = i + 1 < change.payloads().size();
            ByteBuf message = circuit.begin(PeerLayout.PUBLISH, PeerLayout.SYNC_LENGTH + parts.length);
            message.writeIntLE(change.request())
                    .writeIntLE(more ? PeerLayout.PUBLISH_MORE : 0)
                    .writeLongLE(change.page());
            circuit.send(message.writeBytes(parts), true);
        }
        region.counters().bytesPublished += change.bytes();
        if (change.page() > sentTo) {
            sentTo = change.page();
            progress();
        }
    }

    /** The search is over. {@code problem}: why it was cut short; null when it was not. */
    void searched(ChangeSearch by, String problem) {
        if (by != search) {
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
        search.answered(change);
        if (refusal != null && refusal != FaultCause.FILE_ERROR && refusal != FaultCause.NO_MEMORY) {
            search.stop(); // no other page would fare better
            ready.clear();
        }
        progress();
        endIfDone();
        return null;
    }

    private void endIfDone() {
        if (!searched || !ready.isEmpty() || !unanswered.isEmpty()) {
            return;
        }
        if (refusal == null) {
            region.exchanges().ended(this, ControlReply.ok(pages));
        } else {
            region.exchanges()
                    .fail(
                            refusal,
                            "page " + refusedPage + " could not be published: " + refusal.text() + "; " + pages
                                    + " other pages were"
                                    + (last ? "" : ". What was not stays here and goes with the next publish"));
        }
    }
}
