package io.pagewire.core;

import java.util.Arrays;

/**
 * Serves the queues of a home region, page by page. At most one operation runs on a page: taking write access from local
 * processes, collecting answers to a purge, or waiting for the disk. While it runs nothing is decided about that page; when it
 * ends, the queue is served from its head again, whoever started the operation (ARCHITECTURE.md, rule 3).
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomePages {
    static final int READ = 1;
    static final int WRITE = 2;
    static final int FETCH = 3;

    private static final int NONE = -1;
    private static final int IDLE = 0;
    private static final int REVOKING = 1;
    private static final int PURGING = 2;
    private static final int WARMING = 3;

    /** Pages travel in messages of at most this many bytes, so that the wanted page is not held up by its read-ahead. */
    private static final int MESSAGE_BYTES = 256 << 10;

    private enum Served {
        DONE,
        LATER,
        STARTED
    }

    private final HomePort port;
    private final LocalPort local;
    private final LocalRights rights;
    private final PageTable table;
    private final Copies copies;
    private final HomeGate gate;
    private final HomeCounters counters;
    private final HomeGrants grants;
    private final int messagePages;

    final PageQueues queues = new PageQueues();
    private int[] operation = new int[0];
    private int[] number = new int[0];
    private int[] starter = new int[0];
    private long[] since = new long[0];
    private int[] recordOf = new int[0];
    private int newestNumber;

    private final Awaited awaited = new Awaited();

    HomePages(
            Geometry geometry,
            HomePort port,
            LocalPort local,
            LocalRights rights,
            PageTable table,
            Copies copies,
            HomeGate gate,
            HomeCounters counters) {
        this.port = port;
        this.local = local;
        this.rights = rights;
        this.table = table;
        this.copies = copies;
        this.gate = gate;
        this.counters = counters;
        this.grants = new HomeGrants(geometry, rights, table, copies, counters);
        this.messagePages = geometry.pagesIn(MESSAGE_BYTES);
    }

    /** A request of a local thread that passed every check; it is answered now or waits. */
    void fault(int slot, int line, int request, long page, Right wanted, long now) {
        int rec = queues.find(page);
        if (wanted == Right.READ && gate.open() && (rec == NONE || operation[rec] != REVOKING)) {
            // Also while a purge is being answered: the bytes at home do not change until the writer has its grant, and
            // from
            // then on every process of this host sees its stores at once, because they share the frame.
            grants.read(slot, line, request, page);
            return;
        }
        if (wanted == Right.WRITE && rec == NONE && gate.mayWrite(now) && copies.set(page) == 0) {
            grants.write(slot, line, request, page);
            return;
        }
        rec = open(page);
        queues.add(rec, wanted == Right.WRITE ? WRITE : READ, slot, line, request, 1, now);
        pump(rec, now);
    }

    /** A run another host asks for. */
    void fetch(int slot, int request, long first, int count, long now) {
        int rec = open(first);
        queues.add(rec, FETCH, slot, 0, request, count, now);
        pump(rec, now);
    }

    /** A run that nobody waits for: what can be had only by waiting or by taking it from a local writer is not worth it. */
    void fetchAhead(int slot, int request, long first, int count, long now) {
        if (gate.closedCause() != 0 || !gate.open() || !mayTravelAhead(first)) {
            counters.declines++;
            copies.fetches(slot, -1);
            port.decline(slot, request, first, count, 0);
        } else {
            fetch(slot, request, first, count, now);
        }
    }

    /** Null, or why this cannot be the answer to a purge. */
    String purged(int slot, long page, int answered, long now) {
        int rec = queues.find(page);
        if (rec == NONE || operation[rec] != PURGING || number[rec] != answered || !awaited.settle(rec, slot)) {
            return "an answer to purge " + answered + " of page " + page + ", which is not awaited from this host";
        }
        counters.purgeAnswers++;
        finishPurge(rec, now);
        return null;
    }

    /** Everything this host still owed counts as given; what it asked for is forgotten. */
    void hostGone(int slot, long now) {
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w) && queues.kind(w) == FETCH && queues.owner(w) == slot) {
                forget(w);
            }
        }
        for (int rec = 0; rec < queues.recordLimit(); rec++) {
            if (queues.isOpen(rec) && operation[rec] == PURGING && awaited.settle(rec, slot)) {
                counters.purgesGivenUp++;
                finishPurge(rec, now);
            }
        }
    }

    /** All answers to a revoke of ours are in. */
    void revokeAnswered(int answered, long now) {
        int rec = recordOf[answered];
        operation[rec] = IDLE;
        starter[rec] = NONE;
        reduceToRead(queues.page(rec));
        pump(rec, now);
    }

    void dataReady(long page, int cause, long now) {
        int rec = queues.find(page);
        if (rec == NONE || operation[rec] != WARMING) {
            return;
        }
        operation[rec] = IDLE;
        table.ready(page);
        int w = starter[rec];
        starter[rec] = NONE;
        if (cause != 0 && w != NONE) {
            decline(w, page, queues.count(w), cause);
            queues.remove(w);
        }
        pump(rec, now);
    }

    /** Removes a waiter; an operation it started goes on without it. */
    void forget(int w) {
        int rec = queues.record(w);
        if (starter[rec] == w) {
            starter[rec] = NONE;
        }
        queues.remove(w);
        closeIfIdle(rec);
    }

    void pumpAll(long now) {
        for (int rec = 0; rec < queues.recordLimit(); rec++) {
            if (queues.isOpen(rec)) {
                pump(rec, now);
            }
        }
    }

    /** Fails every local waiter and declines every fetch. */
    void failAll(int cause) {
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w)) {
                if (queues.kind(w) == FETCH) {
                    decline(w, queues.page(queues.record(w)), queues.count(w), cause);
                    forget(w);
                } else {
                    failWaiter(w, cause);
                }
            }
        }
    }

    void tick(long now, long faultDeadlineNs, long homeDeadlineNs) {
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w) && queues.kind(w) != FETCH && now - queues.since(w) >= faultDeadlineNs) {
                failWaiter(w, gate.causeOfWaiting());
            }
        }
        for (int rec = 0; rec < queues.recordLimit(); rec++) {
            if (queues.isOpen(rec) && operation[rec] == PURGING && now - since[rec] >= homeDeadlineNs) {
                since[rec] = now;
                for (int a = awaited.first(rec); a != NONE; a = awaited.next(a)) {
                    counters.hangUps++;
                    port.hangUp(awaited.host(a), Cause.DEADLINE);
                }
            }
        }
    }

    private void failWaiter(int w, int cause) {
        counters.failures++;
        local.fail(
                rights.mapping(queues.owner(w)),
                queues.line(w),
                queues.request(w),
                queues.page(queues.record(w)),
                cause);
        forget(w);
    }

    private int open(long page) {
        int rec = queues.find(page);
        if (rec != NONE) {
            return rec;
        }
        rec = queues.open(page);
        if (rec >= operation.length) {
            int size = queues.recordCapacity();
            operation = Arrays.copyOf(operation, size);
            number = Arrays.copyOf(number, size);
            starter = Arrays.copyOf(starter, size);
            since = Arrays.copyOf(since, size);
        }
        operation[rec] = IDLE;
        starter[rec] = NONE;
        awaited.open(rec, operation.length);
        table.busy(page, true);
        return rec;
    }

    /** Serves the queue from its head until an operation has to be waited for. */
    private void pump(int rec, long now) {
        int w = queues.head(rec);
        while (w != NONE && operation[rec] == IDLE) {
            int next = queues.next(w);
            Served served = serve(rec, w, now);
            if (served == Served.DONE) {
                queues.remove(w);
            }
            if (served != Served.STARTED) {
                w = next;
            }
        }
        closeIfIdle(rec);
    }

    private void closeIfIdle(int rec) {
        if (operation[rec] == IDLE && queues.head(rec) == NONE) {
            table.busy(queues.page(rec), false);
            queues.close(rec);
        }
    }

    private Served serve(int rec, int w, long now) {
        long page = queues.page(rec);
        if (queues.kind(w) == FETCH) {
            return serveFetch(rec, w, now);
        }
        if (!gate.open() || queues.kind(w) == WRITE && !gate.mayWrite(now)) {
            return Served.LATER;
        }
        int slot = queues.owner(w);
        if (queues.kind(w) == READ) {
            grants.read(slot, queues.line(w), queues.request(w), page);
            return Served.DONE;
        }
        if (copies.set(page) != 0 && startPurge(rec, now)) {
            starter[rec] = w;
            return Served.STARTED;
        }
        grants.write(slot, queues.line(w), queues.request(w), page);
        return Served.DONE;
    }

    private Served serveFetch(int rec, int w, long now) {
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
                operation[rec] = REVOKING;
                starter[rec] = w;
                return Served.STARTED;
            }
            reduceToRead(page);
        }
        return send(rec, w, now);
    }

    /** Sends as much of the run as may go; read-ahead stops before a page that is busy or in a local writer's hands. */
    private Served send(int rec, int w, long now) {
        int slot = queues.owner(w);
        int request = queues.request(w);
        long first = queues.page(rec);
        int left = queues.count(w);
        while (true) {
            int count = run(first, Math.min(left, messagePages));
            int result = port.sendPages(slot, request, first, count, copies.nextGrant(), count == left);
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
            operation[rec] = WARMING;
            starter[rec] = w;
            return Served.STARTED;
        }
        int other = open(first);
        operation[other] = WARMING;
        starter[other] = queues.add(other, FETCH, queues.owner(w), 0, queues.request(w), left, now);
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

    private void decline(int w, long first, int left, int cause) {
        counters.declines++;
        copies.fetches(queues.owner(w), -1);
        port.decline(queues.owner(w), queues.request(w), first, left, cause);
    }

    private void reduceToRead(long page) {
        if (PageTable.right(table.entry(page)) == Right.WRITE) {
            table.reduce(page, Right.READ);
        }
    }

    /** False when nobody needs to be asked, and the copyset is empty now. */
    private boolean startPurge(int rec, long now) {
        long page = queues.page(rec);
        newestNumber++;
        for (int slot = 0; slot < copies.limit(); slot++) {
            if (copies.isJoined(slot) && copies.holds(page, slot)) {
                awaited.add(rec, slot);
                counters.purges++;
                port.purge(slot, page, 1, newestNumber);
            }
        }
        if (awaited.isEmpty(rec)) {
            copies.clear(page);
            return false;
        }
        operation[rec] = PURGING;
        number[rec] = newestNumber;
        since[rec] = now;
        return true;
    }

    private void finishPurge(int rec, long now) {
        if (awaited.isEmpty(rec)) {
            copies.clear(queues.page(rec));
            operation[rec] = IDLE;
            starter[rec] = NONE;
            pump(rec, now);
        }
    }
}
