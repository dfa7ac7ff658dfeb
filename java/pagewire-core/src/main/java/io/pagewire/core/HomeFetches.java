package io.pagewire.core;

/**
 * Sends pages to other hosts, to read or to write: the wanted page, which nothing stands against any more, with as much of the
 * run behind it as may go; the rest is declined. SPEC: V4, V5, O5.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomeFetches {
    private static final int NONE = -1;

    /** In place of a line: the run has lost its wanted page, which has been sent. */
    private static final int REST = 2;

    /** Pages travel in messages of at most this many bytes, so that the wanted page is not held up by its read-ahead. */
    private static final int MESSAGE_BYTES = 256 << 10;

    private final HomePort port;
    private final LocalRights rights;
    private final PageTable table;
    private final Copies copies;
    private final HomeGate gate;
    private final HomeCounters counters;
    private final PageQueues queues;
    private final HomeOperations operations;
    private final HomeRecalls recalls;
    private final HomeFrames frames;
    private final HomeChanges changes;
    private final int messagePages;

    HomeFetches(
            Geometry geometry,
            HomePort port,
            LocalRights rights,
            PageTable table,
            Copies copies,
            HomeGate gate,
            HomeCounters counters,
            PageQueues queues,
            HomeOperations operations,
            HomeRecalls recalls,
            HomeFrames frames,
            HomeChanges changes) {
        this.port = port;
        this.rights = rights;
        this.table = table;
        this.copies = copies;
        this.gate = gate;
        this.counters = counters;
        this.queues = queues;
        this.operations = operations;
        this.recalls = recalls;
        this.frames = frames;
        this.changes = changes;
        this.messagePages = geometry.pagesIn(MESSAGE_BYTES);
    }

    /** Whether a run that nobody waits for may begin with this page; it is declined when not. */
    boolean acceptAhead(int slot, int request, long first, int count) {
        if (gate.closedCause() == 0 && gate.open() && !table.isBeyondRoom(first) && mayTravelAhead(first)) {
            return true;
        }
        counters.declines++;
        copies.fetches(slot, -1);
        port.decline(slot, request, first, count, 0);
        return false;
    }

    /** Bytes have come from the disk, or cannot be had because of the cause: the record that is idle again, or -1. */
    int dataReady(long page, int cause) {
        int rec = queues.find(page);
        if (rec == NONE || operations.kind(rec) != HomeOperations.WARMING) {
            return NONE;
        }
        int w = operations.starter(rec);
        operations.end(rec);
        table.ready(page);
        if (cause != 0 && w != NONE) {
            decline(w, page, queues.count(w), cause);
            queues.remove(w);
        }
        return rec;
    }

    /** Sends copies of as much of the run as may go; read-ahead stops before a page that is busy or with a writer. */
    Served send(int rec, int w, long now) {
        return send(rec, w, false, now);
    }

    /**
     * Hands the page over to the host that wants to write it, without bytes when it has a copy of its own. Pages behind it go
     * along as far as nobody at all uses them.
     */
    Served give(int rec, int w, boolean hasCopy, long now) {
        int slot = queues.owner(w);
        long page = queues.page(rec);
        int cause = port.reserveForWrite(page, 1);
        if (cause != 0) {
            decline(w, page, queues.count(w), cause);
            return Served.DONE;
        }
        if (!hasCopy || !copies.surelyHolds(page, slot)) {
            return send(rec, w, true, now);
        }
        counters.upgrades++;
        int left = queues.count(w) - 1;
        port.holds(slot, page, 1, copies.nextGrant());
        port.upgrade(slot, queues.request(w), page, copies.nextGrant());
        changes.mark(page, 1);
        recalls.gave(slot, page, 1);
        if (left > 0) {
            decline(w, page + 1, left, 0);
        } else {
            copies.fetches(slot, -1);
        }
        return Served.DONE;
    }

    private Served send(int rec, int w, boolean exclusive, long now) {
        int slot = queues.owner(w);
        int request = queues.request(w);
        long first = queues.page(rec);
        int left = queues.count(w);
        boolean wanted = !isAhead(w);
        while (true) {
            int most = most(slot, wanted, left);
            if (most == 0) {
                return putOff(rec, w, first, left, now);
            }
            wanted = false;
            int count = run(first, Math.min(most, messagePages), exclusive);
            if (exclusive) {
                port.holds(slot, first, count, copies.nextGrant());
            }
            int result = port.sendPages(slot, request, first, count, copies.nextGrant(), count == left, exclusive);
            if (exclusive && result != HomePort.SENT) {
                port.home(first, count);
            }
            if (result == HomePort.WARMING) {
                counters.warmings++;
                return warm(rec, w, first, left, now);
            }
            if (result != HomePort.SENT) {
                decline(w, first, left, result);
                return Served.DONE;
            }
            sent(slot, first, count, exclusive);
            first += count;
            left -= count;
            if (left == 0) {
                copies.fetches(slot, -1);
                return Served.DONE;
            }
            if (!mayGo(first, exclusive)) {
                decline(w, first, left, 0);
                return Served.DONE;
            }
        }
    }

    /** Whether nobody waits for the first page of the run, as far as its host has said. */
    boolean isAhead(int w) {
        return queues.kind(w) == HomePages.AHEAD || queues.line(w) == REST;
    }

    /**
     * As much of the run as may be sent now: the wanted page at once, the others at the pace of bulk. Where it fills a message by
     * itself, alone, so that nothing of it waits for that pace.
     */
    private int most(int slot, boolean wanted, int left) {
        if (!port.takes(slot)) {
            return 0;
        }
        int atOnce = wanted ? 1 : 0;
        int most = left == atOnce || wanted && messagePages == 1 ? 0 : port.takesAhead(slot);
        return (int) Math.min(left, (long) atOnce + most);
    }

    private void sent(int slot, long first, int count, boolean exclusive) {
        counters.messagesSent++;
        counters.pagesSent += count;
        frames.touch(first, count);
        if (exclusive) {
            changes.mark(first, count);
            recalls.gave(slot, first, count);
        } else {
            copies.sent(slot, first, count);
        }
    }

    /** The rest of the fetch waits until its host takes pages again, in the queue of the first of them. */
    private Served putOff(int rec, int w, long first, int left, long now) {
        if (first == queues.page(rec)) {
            return Served.LATER;
        }
        queues.add(operations.open(first), queues.kind(w), queues.owner(w), REST, queues.request(w), left, now);
        return Served.DONE;
    }

    /** The rest of the fetch waits for the disk, in the queue of the page that has to be read. */
    private Served warm(int rec, int w, long first, int left, long now) {
        table.inProgress(first);
        if (first == queues.page(rec)) {
            operations.begin(rec, HomeOperations.WARMING, w);
            return Served.STARTED;
        }
        int other = operations.open(first);
        int rest = queues.add(other, queues.kind(w), queues.owner(w), REST, queues.request(w), left, now);
        operations.begin(other, HomeOperations.WARMING, rest);
        return Served.DONE;
    }

    private int run(long first, int most, boolean exclusive) {
        int count = 1;
        while (count < most && mayGo(first + count, exclusive)) {
            count++;
        }
        return count;
    }

    private boolean mayGo(long page, boolean exclusive) {
        return mayTravelAhead(page) && (!exclusive || isUnused(page));
    }

    private boolean isUnused(long page) {
        return PageTable.right(table.entry(page)) == Right.NONE
                && copies.set(page) == 0
                && port.reserveForWrite(page, 1) == 0;
    }

    private boolean mayTravelAhead(long page) {
        long entry = table.entry(page);
        return !PageTable.isBusy(entry) && (PageTable.isReady(entry) || frames.bringNow(page)) && isHereForAll(page);
    }

    /** Whether the page can be sent without waiting for anything, or taking anything from a local writer. */
    boolean isHereForAll(long page) {
        long entry = table.entry(page);
        if (!PageTable.isReady(entry)) {
            return false;
        }
        if (PageTable.right(entry) == Right.WRITE) {
            if (rights.anyWrites(PageTable.mappings(entry))) {
                return false;
            }
            table.reduce(page, Right.READ); // its writers are gone
        }
        return true;
    }

    /** Declines a run that begins with a page for whose entry there is no room; false when there is, and nothing was done. */
    boolean declineForRoom(int slot, int request, long first, int count) {
        if (!table.isBeyondRoom(first)) {
            return false;
        }
        counters.declines++;
        copies.fetches(slot, -1);
        port.decline(slot, request, first, count, Cause.NO_MEMORY);
        return true;
    }

    /** Tells the host of a waiting fetch that it does not get the pages; the waiter is the caller's to remove. */
    void decline(int w, long first, int left, int cause) {
        counters.declines++;
        copies.fetches(queues.owner(w), -1);
        port.decline(queues.owner(w), queues.request(w), first, left, cause);
    }
}
