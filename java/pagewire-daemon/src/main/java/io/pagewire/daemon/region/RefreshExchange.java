package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.util.function.Consumer;

/**
 * Pulls the pages that have changed at home since the last time; the first one fills the frames (SPEC: V10, V11). On another
 * circuit it goes on where it was, as long as the owner's claim is the same: home then says which of the pages that have come have
 * changed meanwhile.
 *
 * <p>Belongs to the region's event loop.
 */
final class RefreshExchange extends Exchange {
    private final PreloadedRuntime region;
    private final boolean first;
    private int request;
    private long epoch;
    private long nextPage;
    private long came;
    private long cameVersion;
    private boolean gap;
    private long changed;

    /** @param first no program uses the frames yet, and they hold nothing */
    RefreshExchange(PreloadedRuntime region, boolean first, Consumer<ControlReply> done) {
        super(done);
        this.region = region;
        this.first = first;
    }

    @Override
    void begin(Circuit circuit, long ownerEpoch) {
        if (epoch != ownerEpoch) {
            epoch = ownerEpoch;
            came = 0;
            cameVersion = 0;
        }
        if (first && came == 0) {
            region.filling().begins();
        }
        region.counters().refreshes++;
        request = region.nextRequest();
        nextPage = 0;
        gap = false;
        long since = first ? 0 : region.versionHeld(ownerEpoch);
        ByteBuf message = circuit.begin(PeerLayout.REFRESH, PeerLayout.REFRESH_LENGTH);
        message.writeIntLE(request).writeIntLE(0).writeLongLE(since);
        circuit.send(message.writeLongLE(came).writeLongLE(cameVersion));
    }

    @Override
    boolean outlivesMappings() {
        return false;
    }

    @Override
    String message(int type, ByteBuf bytes, int at, int length) {
        return switch (type) {
            case PeerLayout.PAGES -> pages(bytes, at, length);
            case PeerLayout.REFRESHING -> refreshing(bytes, at, length);
            case PeerLayout.REFRESHED -> refreshed(bytes, at, length);
            default -> "message of type " + type + " while a refresh is under way";
        };
    }

    /** Every page that comes is at least of this version; of those that came on an earlier circuit the version stays. */
    private String refreshing(ByteBuf bytes, int at, int length) {
        if (!answers(bytes, at, length)) {
            return "REFRESHING of " + length + " bytes that answers no refresh";
        }
        gap |= bytes.getIntLE(at + PeerLayout.SYNC_CAUSE) != 0;
        if (cameVersion == 0) {
            cameVersion = bytes.getLongLE(at + PeerLayout.SYNC_VERSION);
        }
        return null;
    }

    private boolean answers(ByteBuf bytes, int at, int length) {
        return length == PeerLayout.SYNC_LENGTH && bytes.getIntLE(at + PeerLayout.SYNC_REQUEST) == request;
    }

    private String pages(ByteBuf bytes, int at, int length) {
        int pageSize = region.record().pageSize();
        if (length < PeerLayout.PAGES_DATA) {
            return "PAGES of " + length + " bytes";
        }
        int count = bytes.getIntLE(at + PeerLayout.RUN_COUNT);
        long page = bytes.getLongLE(at + PeerLayout.RUN_FIRST);
        if (count < 1 || (long) count * pageSize != length - PeerLayout.PAGES_DATA) {
            return "PAGES with " + count + " pages in " + length + " bytes";
        }
        if (bytes.getIntLE(at + PeerLayout.RUN_REQUEST) != request) {
            return "PAGES that answer another request";
        }
        if (page < nextPage || page > region.pages() - count) {
            return "PAGES from page " + Long.toUnsignedString(page) + " on where page " + nextPage
                    + " or later was due";
        }
        int from = at + PeerLayout.PAGES_DATA;
        for (int i = 0; i < count; i++, from += pageSize) {
            if (first) {
                region.frames().fill(page + i, bytes, from);
            } else if (region.frames().merge(page + i, bytes, from)) {
                changed++;
            }
        }
        nextPage = page + count;
        came = cameVersion == 0 || gap ? came : Math.max(came, nextPage);
        region.counters().pagesRefreshed += count;
        progress();
        if (first) {
            region.filling().cameTo(Math.max(came, nextPage) * pageSize);
        }
        return null;
    }

    private String refreshed(ByteBuf bytes, int at, int length) {
        if (!answers(bytes, at, length)) {
            return "REFRESHED of " + length + " bytes that answers no refresh";
        }
        int cause = bytes.getIntLE(at + PeerLayout.SYNC_CAUSE);
        if (cause == 0) {
            region.holdsVersion(bytes.getLongLE(at + PeerLayout.SYNC_VERSION), epoch);
            region.exchanges().ended(this, ControlReply.ok(changed));
        } else {
            FaultCause why = FaultCause.of(cause);
            region.exchanges().fail(why, "not every page could be had from home: " + why.text());
        }
        return null;
    }
}
