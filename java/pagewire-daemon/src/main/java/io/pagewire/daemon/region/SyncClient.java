package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Right;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.wire.PeerLayout;

/**
 * A host that has the region preloaded, at home: what it may do, and how much of what it sent is unanswered.
 *
 * <p>Belongs to the region's event loop.
 */
final class SyncClient {
    private final HomeCircuit circuit;
    private boolean refreshing;
    private int publishes;
    private long publishedBytes;
    private PublishedPage gathered;

    SyncClient(HomeCircuit circuit) {
        this.circuit = circuit;
    }

    HomeCircuit circuit() {
        return circuit;
    }

    boolean mayPublish() {
        return circuit.setup().wantedRight() == Right.WRITE.code();
    }

    boolean isRefreshing() {
        return refreshing;
    }

    void refreshing(boolean now) {
        refreshing = now;
    }

    /** Takes a PUBLISH in; null, or why it cannot be valid. */
    String gather(RegionRecord record, ByteBuf bytes, int at, int length) {
        if (length < PeerLayout.SYNC_LENGTH) {
            return "PUBLISH of " + length + " bytes";
        }
        int request = bytes.getIntLE(at + PeerLayout.SYNC_REQUEST);
        int more = bytes.getIntLE(at + PeerLayout.SYNC_MORE);
        long page = bytes.getLongLE(at + PeerLayout.SYNC_PAGE);
        if (page < 0 || page >= record.span() / record.pageSize() || more < 0 || more > PeerLayout.PUBLISH_MORE) {
            return "PUBLISH of page " + Long.toUnsignedString(page) + " with flag " + more;
        }
        if (gathered == null) {
            int content = (int) Math.min(record.pageSize(), record.size() - page * record.pageSize());
            gathered = new PublishedPage(request, page, content);
            if (++publishes > PeerLayout.MOST_PUBLISHES) {
                return "more than " + PeerLayout.MOST_PUBLISHES + " PUBLISH without an answer";
            }
        } else if (gathered.isComplete() || gathered.request() != request || gathered.page() != page) {
            return "PUBLISH of page " + page + " before that of page " + gathered.page() + " was complete";
        }
        publishedBytes += length;
        if (publishedBytes > PeerLayout.MOST_PUBLISH_BYTES) {
            return "more than " + PeerLayout.MOST_PUBLISH_BYTES + " bytes of PUBLISH without an answer";
        }
        return gathered.add(bytes, at + PeerLayout.SYNC_LENGTH, length - PeerLayout.SYNC_LENGTH, length, more == 0);
    }

    boolean isComplete() {
        return gathered.isComplete();
    }

    PublishedPage takeGathered() {
        PublishedPage page = gathered;
        gathered = null;
        return page;
    }

    /** A publish is answered. */
    void answered(PublishedPage page) {
        publishes--;
        publishedBytes -= page.messageBytes();
    }
}
