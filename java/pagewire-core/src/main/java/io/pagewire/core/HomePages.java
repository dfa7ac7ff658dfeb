package io.pagewire.core;

/**
 * Serves the queues of a home region, page by page. While an operation runs on a page nothing is decided about that page; when
 * it ends, the queue is served from its head again, whoever started the operation (ARCHITECTURE.md, rule 3).
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomePages {
    static final int READ = 1;
    static final int WRITE = 2;
    static final int FETCH = 3;

    private static final int NONE = -1;

    private final LocalPort local;
    private final LocalRights rights;
    private final Copies copies;
    private final HomeGate gate;
    private final HomeCounters counters;
    private final HomeGrants grants;
    private final HomeOperations operations;
    private final HomePurges purges;
    private final HomeFetches fetches;

    final PageQueues queues = new PageQueues();

    HomePages(
            Geometry geometry,
            HomePort port,
            LocalPort local,
            LocalRights rights,
            PageTable table,
            Copies copies,
            HomeGate gate,
            HomeCounters counters) {
        this.local = local;
        this.rights = rights;
        this.copies = copies;
        this.gate = gate;
        this.counters = counters;
        this.grants = new HomeGrants(geometry, rights, table, copies, counters);
        this.operations = new HomeOperations(queues, table);
        this.purges = new HomePurges(port, queues, operations, copies, counters);
        this.fetches = new HomeFetches(geometry, port, rights, table, copies, gate, counters, queues, operations);
    }

    /** A request of a local thread that passed every check; it is answered now or waits. */
    void fault(int slot, int line, int request, long page, Right wanted, long now) {
        int rec = queues.find(page);
        if (wanted == Right.READ && gate.open() && (rec == NONE || operations.kind(rec) != HomeOperations.REVOKING)) {
            // Also while a purge is being answered: the bytes at home do not change until the writer has its grant, and
            // from then on every process of this host sees its stores at once, because they share the frame.
            grants.read(slot, line, request, page);
            return;
        }
        if (wanted == Right.WRITE && rec == NONE && gate.mayWrite(now) && copies.set(page) == 0) {
            grants.write(slot, line, request, page);
            return;
        }
        rec = operations.open(page);
        queues.add(rec, wanted == Right.WRITE ? WRITE : READ, slot, line, request, 1, now);
        pump(rec, now);
    }

    /** A run another host asks for. */
    void fetch(int slot, int request, long first, int count, long now) {
        int rec = operations.open(first);
        queues.add(rec, FETCH, slot, 0, request, count, now);
        pump(rec, now);
    }

    /** A run that nobody waits for: what can be had only by waiting or by taking it from a local writer is not worth it. */
    void fetchAhead(int slot, int request, long first, int count, long now) {
        if (fetches.acceptAhead(slot, request, first, count)) {
            fetch(slot, request, first, count, now);
        }
    }

    /** Null, or why this cannot be the answer to a purge. */
    String purged(int slot, long page, int answered, long now) {
        int rec = queues.find(page);
        if (!purges.answer(rec, slot, answered)) {
            return "an answer to purge " + answered + " of page " + page + ", which is not awaited from this host";
        }
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
            if (purges.giveUp(rec, slot)) {
                finishPurge(rec, now);
            }
        }
    }

    private void finishPurge(int rec, long now) {
        if (purges.finish(rec)) {
            pump(rec, now);
        }
    }

    /** All answers to a revoke of ours are in. */
    void revokeAnswered(int answered, long now) {
        pump(fetches.revokeAnswered(answered), now);
    }

    void dataReady(long page, int cause, long now) {
        int rec = fetches.dataReady(page, cause);
        if (rec != NONE) {
            pump(rec, now);
        }
    }

    /** Removes a waiter; an operation it started goes on without it. */
    void forget(int w) {
        operations.forget(w);
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
                    fetches.decline(w, queues.page(queues.record(w)), queues.count(w), cause);
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
        purges.tick(now, homeDeadlineNs);
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

    /** Serves the queue from its head until an operation has to be waited for. */
    private void pump(int rec, long now) {
        int w = queues.head(rec);
        while (w != NONE && operations.isIdle(rec)) {
            int next = queues.next(w);
            Served served = serve(rec, w, now);
            if (served == Served.DONE) {
                queues.remove(w);
            }
            if (served != Served.STARTED) {
                w = next;
            }
        }
        operations.closeIfIdle(rec);
    }

    private Served serve(int rec, int w, long now) {
        if (queues.kind(w) == FETCH) {
            return fetches.serve(rec, w, now);
        }
        long page = queues.page(rec);
        if (!gate.open() || queues.kind(w) == WRITE && !gate.mayWrite(now)) {
            return Served.LATER;
        }
        int slot = queues.owner(w);
        if (queues.kind(w) == READ) {
            grants.read(slot, queues.line(w), queues.request(w), page);
            return Served.DONE;
        }
        if (copies.set(page) != 0 && purges.start(rec, w, now)) {
            return Served.STARTED;
        }
        grants.write(slot, queues.line(w), queues.request(w), page);
        return Served.DONE;
    }
}
