package io.pagewire.core;

import java.util.Arrays;

/**
 * Serves what other hosts ask for: takes write access to the wanted page from local processes, sends it with as much of the
 * run behind it as may go, and declines the rest. SPEC: V4, O5.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomeFetches {
    private static final int NONE = -1;

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
    private final int messagePages;
    private int[] recordOf = new int[0];

    HomeFetches(
            Geometry geometry,
            HomePort port,
            LocalRights rights,
            PageTable table,
            Copies copies,
            HomeGate gate,
            HomeCounters counters,
            PageQueues queues,
            HomeOperations operations) {
        this.port = port;
        this.rights = rights;
        this.table = table;
        this.copies = copies;
        this.gate = gate;
        this.counters = counters;
        this.queues = queues;
        this.operations = operations;
        this.messagePages = geometry.pagesIn(MESSAGE_BYTES);
    }

    /** Whether a run that nobody waits for may begin with this page; it is declined when not. */
    boolean acceptAhead(int slot, int request, long first, int count) {
        if (gate.closedCause() == 0 && gate.open() && mayTravelAhead(first)) {
            return true;
        }
        counters.declines++;
        copies.fetches(slot, -1);
        port.decline(slot, request, first, count, 0);
        return false;
    }

    Served serve(int rec, int w, long now) {
        long page = queues.page(rec);
        if (gate.closedCause() != 0) {
            decline(w, page, queues.count(w), gate.closedCause());
            return Served.DONE;
        }
        if (!gate.open()) {
            return Served.LATER;
        }
        long entry = table.entry(page);
        if (PageTable.right(entry) == Right.WRITE) {
            int asked = rights.revoke(PageTable.mappings(entry), page, 1, Right.READ, now);
            if (asked != NONE) {
                counters.revokes++;
                if (asked >= recordOf.length) {
                    recordOf = Arrays.copyOf(recordOf, Math.max(asked + 1, recordOf.length * 2));
                }
                recordOf[asked] = rec;
                operations.begin(rec, HomeOperations.REVOKING, w);
                return Served.STARTED;
            }
            reduceToRead(page);
        }
        return send(rec, w, now);
    }

    /** All answers to a revoke of ours are in: the record of its page, which is idle again. */
    int revokeAnswered(int answered) {
        int rec = recordOf[answered];
        operations.end(rec);
        reduceToRead(queues.page(rec));
        return rec;
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

    /** Sends as much of the run as may go; read-ahead stops before a page that is busy or in a local writer's hands. */
    private Served send(int rec, int w, long now) {
        int slot = queues.owner(w);
        int request = queues.request(w);
        long first = queues.page(rec);
        int left = queues.count(w);
        while (true) {
            int count = run(first, Math.min(left, messagePages));
            int result = port.sendPages(slot, request, first, count, copies.nextGrant(), count == left, false);
            if (result == HomePort.WARMING) {
                counters.warmings++;
                return warm(rec, w, first, left, now);
            }
            if (result != HomePort.SENT) {
                decline(w, first, left, result);
                return Served.DONE;
            }
            copies.sent(slot, first, count);
            counters.messagesSent++;
            counters.pagesSent += count;
            first += count;
            left -= count;
            if (left == 0) {
                copies.fetches(slot, -1);
                return Served.DONE;
            }
            if (!mayTravelAhead(first)) {
                decline(w, first, left, 0);
                return Served.DONE;
            }
        }
    }

    /** The rest of the fetch waits for the disk, in the queue of the page that has to be read. */
    private Served warm(int rec, int w, long first, int left, long now) {
        table.inProgress(first);
        if (first == queues.page(rec)) {
            operations.begin(rec, HomeOperations.WARMING, w);
            return Served.STARTED;
        }
        int other = operations.open(first);
        int rest = queues.add(other, HomePages.FETCH, queues.owner(w), 0, queues.request(w), left, now);
        operations.begin(other, HomeOperations.WARMING, rest);
        return Served.DONE;
    }

    private int run(long first, int most) {
        int count = 1;
        while (count < most && mayTravelAhead(first + count)) {
            count++;
        }
        return count;
    }

    private boolean mayTravelAhead(long page) {
        long entry = table.entry(page);
        if (PageTable.isBusy(entry)) {
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

    /** Tells the host of a waiting fetch that it does not get the pages; the waiter is the caller's to remove. */
    void decline(int w, long first, int left, int cause) {
        counters.declines++;
        copies.fetches(queues.owner(w), -1);
        port.decline(queues.owner(w), queues.request(w), first, left, cause);
    }

    private void reduceToRead(long page) {
        if (PageTable.right(table.entry(page)) == Right.WRITE) {
            table.reduce(page, Right.READ);
        }
    }
}
