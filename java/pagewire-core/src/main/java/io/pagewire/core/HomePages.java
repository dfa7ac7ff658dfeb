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
    static final int WANT = 4;
    static final int PUBLISH = 5;
    static final int AHEAD = 6;

    private static final int NONE = -1;

    /** In a queue, the place of a local waiter's line tells of a WANT whether the host has a copy. */
    private static final int HAS_COPY = 1;

    private final HomePort port;
    private final LocalPort local;
    private final LocalRights rights;
    private final PageTable table;
    private final Copies copies;
    private final HomeGate gate;
    private final HomeCounters counters;
    private final HomeOperations operations;
    private final HomeRevokes revokes;
    private final HomePurges purges;
    private final HomeGrants grants;
    private final HomeFetches fetches;

    final PageQueues queues = new PageQueues();
    final Arrivals arrivals = new Arrivals();
    private final Arrivals ways = new Arrivals();
    final HomeFrames frames;
    final HomeRecalls recalls;
    final HomeChanges changes;

    HomePages(
            Geometry geometry,
            HomePort port,
            LocalPort local,
            LocalRights rights,
            PageTable table,
            Copies copies,
            HomeGate gate,
            HomeCounters counters,
            FrameBudget budget) {
        this.port = port;
        this.local = local;
        this.rights = rights;
        this.table = table;
        this.copies = copies;
        this.gate = gate;
        this.counters = counters;
        this.operations = new HomeOperations(queues, table);
        this.revokes = new HomeRevokes(rights, table, operations, counters);
        this.purges = new HomePurges(port, queues, operations, copies, counters, arrivals);
        this.changes = new HomeChanges(geometry, table);
        this.frames = new HomeFrames(geometry, port, budget, table, queues, operations, revokes, gate, counters);
        this.recalls = new HomeRecalls(geometry, port, queues, operations, table, copies, frames, counters, arrivals);
        this.grants = new HomeGrants(geometry, port, rights, table, copies, frames, changes, counters);
        this.fetches = new HomeFetches(
                geometry, port, rights, table, copies, gate, counters, queues, operations, recalls, frames, changes);
    }

    private static boolean isLocal(int kind) {
        return kind == READ || kind == WRITE;
    }

    private boolean mayBeSent(int w) {
        int slot = queues.owner(w);
        return port.takes(slot) && (!fetches.isAhead(w) || port.takesAhead(slot) > 0);
    }

    /** Whether it is answered with pages. */
    private static boolean isSentPages(int kind) {
        return kind == FETCH || kind == AHEAD || kind == WANT;
    }

    /** A request of a local thread that passed every check; it is answered now or waits. */
    void fault(int slot, int line, int request, long page, Right wanted, long now) {
        int rec = queues.find(page);
        if (wanted == Right.READ && gate.open() && mayReadNow(rec, page)) {
            grants.read(slot, line, request, page);
            return;
        }
        if (wanted == Right.WRITE && rec == NONE && gate.mayWrite(now) && mayWriteNow(page)) {
            int cause = grants.write(slot, line, request, page);
            if (cause != 0) {
                counters.failures++;
                local.fail(rights.mapping(slot), line, request, page, cause);
            }
            return;
        }
        rec = operations.open(page);
        queues.add(rec, wanted == Right.WRITE ? WRITE : READ, slot, line, request, 1, now);
        pump(rec, now);
    }

    /**
     * Also while a purge is being answered: the bytes at home do not change until the writer has its grant, and from then on
     * every process of this host sees its stores at once, because they share the frame.
     */
    private boolean mayReadNow(int rec, long page) {
        long entry = table.entry(page);
        int kind = rec == NONE ? HomeOperations.IDLE : operations.kind(rec);
        return PageTable.isPresent(entry)
                && kind != HomeOperations.REVOKING
                && (!PageTable.isInProgress(entry) || kind == HomeOperations.WARMING);
    }

    private boolean mayWriteNow(long page) {
        return PageTable.isReady(table.entry(page)) && copies.set(page) == 0;
    }

    /** A run another host asks for. */
    void fetch(int slot, int request, long first, int count, long now) {
        if (!fetches.declineForRoom(slot, request, first, count)) {
            ask(FETCH, slot, 0, request, first, count, now);
        }
    }

    /** A run that nobody waits for: what can be had only by waiting or by taking it from a local writer is not worth it. */
    void fetchAhead(int slot, int request, long first, int count, long now) {
        if (fetches.acceptAhead(slot, request, first, count)) {
            ask(AHEAD, slot, 0, request, first, count, now);
        }
    }

    /** The host takes pages again. The oldest of its requests come first: by the time it takes no more, others may be left. */
    void goOnSending(int slot, long now) {
        ways.moved(slot, now);
        int served = NONE;
        long since = 0;
        for (int w = nextOf(slot, served, since); w != NONE && port.takes(slot); w = nextOf(slot, served, since)) {
            served = w;
            since = queues.since(w);
            pump(queues.record(w), now);
        }
    }

    /** The oldest request of another host that is younger than the one which waited in that place since then; -1 = none. */
    private int nextOf(int slot, int after, long since) {
        int oldest = NONE;
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w) && isSentPages(queues.kind(w)) && queues.owner(w) == slot) {
                long age = queues.since(w) - since;
                boolean younger = after == NONE || age > 0 || age == 0 && w > after;
                if (younger && (oldest == NONE || queues.since(w) - queues.since(oldest) < 0)) {
                    oldest = w;
                }
            }
        }
        return oldest;
    }

    /** A run whose first page a process of another host wants to write. */
    void want(int slot, int request, long first, int count, boolean hasCopy, long now) {
        if (fetches.declineForRoom(slot, request, first, count)) {
            return;
        }
        ask(WANT, slot, hasCopy && copies.surelyHolds(first, slot) ? HAS_COPY : 0, request, first, count, now);
    }

    /** A page that a host without copies has changed. */
    void publish(int slot, long page, long now) {
        ask(PUBLISH, slot, 0, 0, page, 1, now);
    }

    private void ask(int kind, int slot, int line, int request, long first, int count, long now) {
        int rec = operations.open(first);
        queues.add(rec, kind, slot, line, request, count, now);
        pump(rec, now);
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

    /** Null, or why this cannot be the answer to a recall. */
    String recalled(int slot, long page, int operation, Right left, boolean bytes, int grantNumber, long now) {
        int rec = queues.find(page);
        String wrong = recalls.answered(rec, slot, page, operation, left, bytes, grantNumber);
        if (wrong == null) {
            pump(rec, now);
        }
        return wrong;
    }

    /** Null, or why these bytes cannot have come by the host's own wish. */
    String wroteBack(int slot, long first, int count, Right left, int grantNumber, long now) {
        String wrong = recalls.wroteBack(slot, first, count, left, grantNumber);
        if (wrong == null && recalls.hasUnstored()) {
            for (long page = first; page < first + count; page++) {
                pump(operations.open(page), now);
            }
        }
        return wrong;
    }

    /**
     * Everything this host still owed counts as given; what it asked for is forgotten, and what it held is home's again.
     * {@code written}: it may have written there, and that is lost.
     */
    void hostGone(int slot, boolean written, long now) {
        forgetHost(slot);
        recalls.giveUp(slot, written);
        giveAnswersUp(slot, now);
    }

    /** The same for a host that nobody waits for any more, but that holds its pages until somebody needs them. */
    void hostAbsent(int slot, long now) {
        forgetHost(slot);
        giveAnswersUp(slot, now);
    }

    private void forgetHost(int slot) {
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w) && !isLocal(queues.kind(w)) && queues.owner(w) == slot) {
                forget(w);
            }
        }
    }

    private void giveAnswersUp(int slot, long now) {
        for (int rec = 0; rec < queues.recordLimit(); rec++) {
            if (purges.giveUp(rec, slot)) {
                finishPurge(rec, now);
            } else if (recalls.giveUpAnswer(rec, slot)) {
                pump(rec, now);
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
        long first = revokes.first(answered);
        int count = revokes.count(answered);
        if (revokes.isCooling(answered)) {
            frames.cooled(count);
        }
        for (long page = first; page < first + count; page++) {
            int rec = queues.find(page);
            revokes.ended(rec, page, answered);
            pump(rec, now);
        }
        goOn(now);
    }

    void dataReady(long page, int cause, long now) {
        int rec = fetches.dataReady(page, cause);
        if (rec != NONE) {
            pump(rec, now);
        }
    }

    /** A sector stands in its frame, or cannot be read because of the cause. */
    void loaded(long page, int cause, long now) {
        int rec = queues.find(page);
        int w = rec == NONE ? NONE : operations.starter(rec);
        if (frames.loaded(page, cause) == NONE) {
            throw new IllegalStateException("page " + page + " was loaded, but nobody asked for that");
        }
        if (cause != 0 && w != NONE) {
            refuse(w, cause);
            queues.remove(w);
        }
        pump(rec, now);
        goOn(now);
    }

    /** A frame stands in its sector, or cannot be written there because of the cause. */
    void spilled(long page, int cause, long now) {
        int rec = frames.spilled(page, cause);
        pump(rec, now);
        if (cause != 0 && frames.hasMoreUnderWay()) {
            return; // whoever waits for a frame hears of the last of them
        }
        frames.giveUp(cause != 0);
        goOn(now);
        frames.giveUp(false);
    }

    /** Whoever waits for a frame tries again. */
    void goOn(long now) {
        if (frames.retry()) {
            pumpAll(now);
        }
    }

    /** Removes a waiter; an operation it started goes on without it. */
    void forget(int w) {
        operations.forget(w);
    }

    /** Removes the waiters of a mapping, or of one of its lines (-1 = of all). */
    void forgetLocal(int slot, int line) {
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w)
                    && isLocal(queues.kind(w))
                    && queues.owner(w) == slot
                    && (line == NONE || queues.line(w) == line)) {
                forget(w);
            }
        }
    }

    void pumpAll(long now) {
        for (int rec = 0; rec < queues.recordLimit(); rec++) {
            if (queues.isOpen(rec)) {
                pump(rec, now);
            }
        }
    }

    /** Fails every local waiter and declines every other. */
    void failAll(int cause) {
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w)) {
                refuse(w, cause);
                forget(w);
            }
        }
    }

    /**
     * Whoever has waited for the fault deadline is answered with a failure, other hosts as well: else a page that never comes
     * from the disk would keep one of the requests that a host may have open for ever. What was begun for it goes on.
     */
    void tick(long now, long faultDeadlineNs, long homeDeadlineNs) {
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w)
                    && now - queues.since(w) >= faultDeadlineNs
                    && now - waitsSince(w) >= faultDeadlineNs) {
                refuse(w, frames.isStarved() ? Cause.NO_MEMORY : gate.causeOfWaiting());
                forget(w);
            }
        }
        purges.tick(now, homeDeadlineNs);
        recalls.tick(now, homeDeadlineNs);
        goOn(now);
    }

    /** The time of a waiter does not run out while what it waits for comes, or its host takes what was sent before. */
    private long waitsSince(int w) {
        int rec = queues.record(w);
        long since = recalls.latest(rec, purges.latest(rec, queues.since(w)));
        return isSentPages(queues.kind(w)) && !port.takes(queues.owner(w))
                ? ways.latest(queues.owner(w), since)
                : since;
    }

    /** Answers a waiter with a failure; it is the caller's to remove. */
    private void refuse(int w, int cause) {
        long page = queues.page(queues.record(w));
        if (isLocal(queues.kind(w))) {
            counters.failures++;
            local.fail(rights.mapping(queues.owner(w)), queues.line(w), queues.request(w), page, cause);
        } else if (queues.kind(w) == PUBLISH) {
            port.published(queues.owner(w), page, cause);
        } else {
            fetches.decline(w, page, queues.count(w), cause);
        }
    }

    private Served refused(int w, int cause) {
        refuse(w, cause);
        return Served.DONE;
    }

    /** Serves the queue from its head until an operation has to be waited for. */
    private void pump(int rec, long now) {
        long page = queues.page(rec);
        if (operations.isIdle(rec) && recalls.wasUnstored(page) && copies.set(page) != 0) {
            // Its host lost the bytes with the store that failed, so it must not show them to anybody any more.
            purges.start(rec, NONE, NONE, now);
        }
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
        int kind = queues.kind(w);
        boolean writes = kind != READ && kind != FETCH && kind != AHEAD;
        if (!isLocal(kind) && gate.closedCause() != 0) {
            return refused(w, gate.closedCause());
        }
        if (!gate.open() || writes && !gate.mayWrite(now)) {
            return Served.LATER;
        }
        if (isSentPages(kind) && !mayBeSent(w)) {
            return Served.LATER; // nothing is taken from anybody for a host that would not get it
        }
        long page = queues.page(rec);
        if (kind == AHEAD && !fetches.isHereForAll(page)) {
            return refused(w, 0);
        }
        if (PageTable.isRemote(table.entry(page))) {
            if (!copies.isAbsent(copies.holder(page))) {
                recalls.start(rec, w, writes ? Right.NONE : Right.READ, now);
                return Served.STARTED;
            }
            if (isLocal(kind) && rights.mapping(queues.owner(w)) == HomeDeparture.READER) {
                return refused(w, Cause.OWNER_LOST); // it needs no page for itself, so nothing is lost for its sake
            }
            recalls.forfeit(page);
        }
        if (PageTable.isOnDisk(table.entry(page))) {
            int brought = frames.bring(rec, w, now);
            if (brought != HomeFrames.HERE) {
                return brought == HomeFrames.STARTED
                        ? Served.STARTED
                        : brought == HomeFrames.NO_FRAME ? Served.LATER : refused(w, brought);
            }
        }
        return switch (kind) {
            case READ -> {
                grants.read(queues.owner(w), queues.line(w), queues.request(w), page);
                yield Served.DONE;
            }
            case WRITE -> serveWrite(rec, w, page, now);
            case FETCH, AHEAD ->
                revokes.start(rec, w, page, Right.READ, now) ? Served.STARTED : fetches.send(rec, w, now);
            case WANT ->
                clearForWriter(rec, w, page, queues.owner(w), now)
                        ? Served.STARTED
                        : fetches.give(rec, w, queues.line(w) == HAS_COPY, now);
            default -> servePublish(rec, w, page, now);
        };
    }

    private Served serveWrite(int rec, int w, long page, long now) {
        if (copies.set(page) != 0 && purges.start(rec, w, NONE, now)) {
            return Served.STARTED;
        }
        int cause = grants.write(queues.owner(w), queues.line(w), queues.request(w), page);
        return cause == 0 ? Served.DONE : refused(w, cause);
    }

    private Served servePublish(int rec, int w, long page, long now) {
        if (clearForWriter(rec, w, page, NONE, now)) {
            return Served.STARTED;
        }
        int slot = queues.owner(w);
        int cause = port.reserveForWrite(page, 1);
        cause = cause == 0 ? port.applyPublished(slot, page) : cause;
        frames.soil(page);
        changes.mark(page, 1);
        counters.pagesPublished += cause == 0 ? 1 : 0;
        port.published(slot, page, cause);
        return Served.DONE;
    }

    /**
     * Takes the page from everybody but one host (-1 = none). Other hosts come first: while only they are awaited, processes of
     * home may still be given reading access, and would have it again before the page leaves.
     */
    private boolean clearForWriter(int rec, int w, long page, int host, long now) {
        // A host that shares its bit with others cannot be told from them: it loses its copy as they do.
        int spare = host < Copies.FIRST_SHARED_SLOT ? host : NONE;
        return copies.setWithout(page, spare) != 0 && purges.start(rec, w, spare, now)
                || revokes.start(rec, w, page, Right.NONE, now);
    }
}
