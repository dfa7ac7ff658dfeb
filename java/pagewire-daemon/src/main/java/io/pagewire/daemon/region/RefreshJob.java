package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.core.HomePort;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.wire.PeerLayout;

/**
 * Sends a host every page that may have changed since the version it holds, run by run and no faster than the way takes them. One
 * that goes on where a circuit broke off sends the pages before that only when they have changed since they were sent.
 *
 * <p>Belongs to the region's event loop.
 */
final class RefreshJob extends SyncJob {
    private final HomeSync sync;
    private final int request;
    private final long since;
    private final long resumed;
    private final long before;
    private final long pages;
    private final int pageSize;
    private boolean begun;
    private long version;
    private long next;
    private boolean asked;
    private int run;
    private long runFirst;
    private int runLeft;
    private int runBytes;
    private int problem;

    /**
     * @param since the version the host holds; 0 = it holds nothing
     * @param resumed the pages before this one have come already, of the version {@code before}
     */
    RefreshJob(HomeSync sync, SyncClient client, int request, long since, long resumed, long before) {
        super(client);
        this.sync = sync;
        this.request = request;
        this.since = since;
        this.resumed = resumed;
        this.before = before;
        this.pageSize = sync.home().record().pageSize();
        this.pages = sync.home().record().span() / pageSize;
    }

    @Override
    boolean goOn(long now) {
        if (asked) {
            return false;
        }
        if (!begun) {
            begun = true;
            version = sync.core().version(); // what changes from now on has a later one
            say(PeerLayout.REFRESHING, 0, version);
        }
        Circuit to = client().circuit().circuit();
        if (!to.isOpen()) {
            end(0);
            return true;
        }
        long page = changed(next);
        if (page < 0) {
            end(problem);
            return true;
        }
        int most = to.piece(pageSize) / pageSize;
        if (most == 0) {
            return false; // HomeSync.writable kicks
        }
        int count = 1;
        while (count < most && page + count < pages && changed(page + count) == page + count) {
            count++;
        }
        asked = true;
        run = sync.nextRun();
        runFirst = page;
        runLeft = count;
        runBytes = 0;
        String wrong;
        to.gather();
        try {
            wrong = sync.core().fetch(client().circuit().slot(), run, page, count, now);
        } finally {
            to.flushGathered();
        }
        if (wrong != null) {
            sync.broken(this, "the core takes no fetch for a refresh: " + wrong);
        }
        return true;
    }

    private long changed(long from) {
        long page = from;
        if (page < resumed) {
            page = sync.core().changedSince(before, page);
            if (page >= 0 && page < resumed) {
                return page;
            }
            page = resumed;
        }
        if (page >= pages) {
            return -1;
        }
        return since == 0 ? page : sync.core().changedSince(since, page);
    }

    private void end(int cause) {
        client().refreshing(false);
        say(PeerLayout.REFRESHED, cause, cause == 0 ? version : since);
        sync.ended(this);
    }

    private void say(int type, int cause, long ofVersion) {
        Circuit to = client().circuit().circuit();
        if (to.isOpen()) {
            ByteBuf message = to.begin(type, PeerLayout.SYNC_LENGTH);
            to.send(message.writeIntLE(request).writeIntLE(cause).writeLongLE(ofVersion));
        }
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
        int result = sync.sender().send(to, request, first, count, grantNumber, false, false, true);
        if (result == HomePort.SENT) {
            runBytes += count * pageSize;
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
        if (runBytes > 0) {
            client().circuit().circuit().endPiece(runBytes);
        }
        sync.kick();
    }

    void declined(int ofRun, long first, int cause) {
        if (!asked || ofRun != run || first != runFirst) {
            return;
        }
        next = first;
        if (cause != 0 && problem == 0) {
            say(PeerLayout.REFRESHING, cause, version); // a later circuit must not pass over this page
        }
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
