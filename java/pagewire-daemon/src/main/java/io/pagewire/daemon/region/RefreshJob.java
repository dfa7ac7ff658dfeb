package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.core.HomePort;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.wire.PeerLayout;

/**
 * Sends a host every page that may have changed since the version it holds, run by run and no faster than it takes them.
 *
 * <p>Belongs to the region's event loop.
 */
final class RefreshJob extends SyncJob {
    private static final int RUN_BYTES = 1 << 20;

    private final HomeSync sync;
    private final int request;
    private final long since;
    private final long pages;
    private final int mostPages;
    private boolean begun;
    private long version;
    private long next;
    private boolean asked;
    private int run;
    private long runFirst;
    private int runLeft;
    private int problem;

    /** @param since the version the host holds; 0 = it holds nothing */
    RefreshJob(HomeSync sync, SyncClient client, int request, long since) {
        super(client);
        this.sync = sync;
        this.request = request;
        this.since = since;
        int pageSize = sync.home().record().pageSize();
        this.pages = sync.home().record().span() / pageSize;
        this.mostPages = Math.max(1, RUN_BYTES / pageSize);
    }

    @Override
    boolean goOn(long now) {
        if (asked) {
            return false;
        }
        if (!begun) {
            begun = true;
            version = sync.core().version(); // what changes from now on has a later one
        }
        Circuit to = client().circuit().circuit();
        if (!to.isOpen()) {
            end(to, 0);
            return true;
        }
        if (!to.isWritable()) {
            return false; // HomeSync.writable kicks
        }
        long page = changed(next);
        if (page < 0) {
            end(to, problem);
            return true;
        }
        int count = 1;
        while (count < mostPages && page + count < pages && changed(page + count) == page + count) {
            count++;
        }
        asked = true;
        run = sync.nextRun();
        runFirst = page;
        runLeft = count;
        String wrong = sync.core().fetch(client().circuit().slot(), run, page, count, now);
        if (wrong != null) {
            sync.broken(this, "the core takes no fetch for a refresh: " + wrong);
        }
        return true;
    }

    private long changed(long from) {
        if (from >= pages) {
            return -1;
        }
        return since == 0 ? from : sync.core().changedSince(since, from);
    }

    private void end(Circuit to, int cause) {
        client().refreshing(false);
        if (to.isOpen()) {
            ByteBuf message = to.begin(PeerLayout.REFRESHED, PeerLayout.SYNC_LENGTH);
            to.send(message.writeIntLE(request).writeIntLE(cause).writeLongLE(cause == 0 ? version : since));
        }
        sync.ended(this);
    }

    // ---- answers of the core, from within it ---------------------------------------------------------------------

    int send(int ofRun, long first, int count, int grantNumber) {
        if (!asked || ofRun != run || first != runFirst || count > runLeft) {
            return Cause.CLOSED; // what is left of a run that was cut short
        }
        Circuit to = client().circuit().circuit();
        if (!to.isOpen()) {
            came(count);
            return HomePort.SENT;
        }
        int result = sync.sender().send(to, request, first, count, grantNumber, false, false);
        if (result == HomePort.SENT) {
            long cut = sync.sender().cutShort(to);
            if (cut < 0) {
                came(count);
            } else {
                next = cut; // cannot be read behind another; as the first of a run it is told why
                over();
            }
        }
        return result;
    }

    private void came(int count) {
        runFirst += count;
        runLeft -= count;
        next = runFirst;
        if (runLeft == 0) {
            over();
        }
    }

    private void over() {
        asked = false;
        sync.kick();
    }

    void declined(int ofRun, long first, int cause) {
        if (!asked || ofRun != run || first != runFirst) {
            return;
        }
        next = first;
        if (cause == Cause.FILE_ERROR) {
            problem = cause;
            next = first + 1; // the other pages are none the worse for it
        } else if (cause != 0) {
            problem = cause;
            next = pages;
        }
        over();
    }
}
