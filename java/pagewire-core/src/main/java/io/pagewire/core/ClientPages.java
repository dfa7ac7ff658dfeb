package io.pagewire.core;

import io.pagewire.core.Withdrawals.Reason;

/**
 * The pages of a client region: who waits for them, and who gets them. SPEC: V4, V5, O5.
 *
 * <p>A page with an open fetch has no copy and no local right, so a purge of it is answered at once: had home sent the page
 * already, it would have come before the purge. A copy that home was asked to let be written stays readable meanwhile.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class ClientPages {
    private static final int NONE = -1;
    private static final int READ = 1;
    static final int WRITE = 2;

    private final ClientPort port;
    private final LocalPort local;
    private final LocalRights rights;
    private final PageTable table;
    private final ClientLink link;
    private final ClientCounters counters;
    private final ClientSettings settings;
    private final long pages;
    private final PageInts grants;

    final PageQueues queues = new PageQueues();
    final ClientFrames frames;
    final WrittenPages written;
    final ClientRevokes revokes;
    final ClientEviction eviction;
    final ClientWriteback writeback;
    final ClientAsks asks;
    final HomeWatch home;
    private boolean moved;
    private long movedAt;

    ClientPages(
            Geometry geometry,
            ClientPort port,
            LocalPort local,
            LocalRights rights,
            PageTable table,
            ClientLink link,
            ClientCounters counters,
            ClientSettings settings,
            FrameBudget budget) {
        this.port = port;
        this.local = local;
        this.rights = rights;
        this.table = table;
        this.link = link;
        this.counters = counters;
        this.settings = settings;
        this.pages = geometry.pages();
        this.grants = new PageInts(geometry.pages());
        this.frames = new ClientFrames(pages, port, budget);
        this.written = new WrittenPages(pages, settings.anyWriter(), port, counters, grants);
        Cleanings cleanings = new Cleanings(pages, settings.anyWriter());
        this.revokes = new ClientRevokes(port, rights, table, link, counters, frames, written, cleanings, grants);
        this.eviction = new ClientEviction(pages, table, queues, counters, frames, written, revokes);
        Requests requests = new Requests();
        this.writeback = new ClientWriteback(
                geometry, settings, table, rights, link, counters, queues, written, revokes, cleanings, requests);
        this.asks = new ClientAsks(
                geometry, port, table, link, counters, queues, requests, frames, revokes, eviction, writeback, grants);
        this.home = new HomeWatch(requests, written, settings.answerDeadlineNs());
    }

    /** A request of a local thread that passed every check; it is answered now or waits. */
    void fault(int slot, int line, int request, long page, Right wanted, long now) {
        int window = rights.streams().access(slot, page);
        long entry = table.entry(page);
        if (link.isUp() && mayGrant(page, wanted)) {
            counters.foundPresent++;
            grant(slot, line, request, page, window, wanted, now);
        } else {
            int rec = queues.open(page);
            queues.add(rec, wanted == Right.WRITE ? WRITE : READ, slot, line, request, 1, now);
            if (PageTable.isInProgress(entry)) {
                counters.foundInProgress++;
            } else {
                counters.foundRemote++;
                seek(rec, now);
            }
        }
        if (link.isUp() && wanted == Right.READ) {
            asks.readAhead(page, window, now);
        }
    }

    private boolean mayGrant(long page, Right wanted) {
        long entry = table.entry(page);
        return PageTable.isReady(entry)
                && !PageTable.isBusy(entry)
                && (wanted == Right.READ || PageTable.hostState(entry) == HostState.EXCLUSIVE);
    }

    /** Does for every page that somebody waits for what has to be done and is not under way, the oldest wish first. */
    void askForWaiters(long now) {
        boolean wereHeldUp = asks.isHeldUp();
        asks.fed();
        for (int rec = asks.oldest(); rec != NONE; rec = asks.oldest()) {
            long page = queues.page(rec);
            seek(rec, now);
            if (wereHeldUp && queues.find(page) == rec && !asks.maySeek(page)) {
                queues.waitsFrom(rec, WRITE, writeback.movedAt());
            }
        }
    }

    /** Frames or requests may be free again: whoever waits for one tries again. */
    void goOn(long now) {
        if (asks.isStarved() || asks.isHeldUp() && writeback.room(now) > 0) {
            askForWaiters(now);
        }
    }

    private void seek(int rec, long now) {
        long page = queues.page(rec);
        if (mayGrant(page, queues.kind(queues.head(rec)) == WRITE ? Right.WRITE : Right.READ)) {
            serve(page, now);
            return;
        }
        int window = rights.streams().window(queues.owner(queues.head(rec)), page);
        if (asks.seek(page, window, asks.wantsToWrite(rec), now)) {
            serve(page, now);
        }
    }

    void arrived(int request, long first, int count, int grantNumber, boolean last, boolean exclusive, long now) {
        for (long page = first; page < first + count; page++) {
            if (PageTable.isInProgress(table.entry(page))) {
                table.ready(page);
            }
            came(page, grantNumber, exclusive, false, now);
        }
        asks.answered(request, first, count, last);
        for (long page = first; page < first + count && queues.recordsOpen() > 0; page++) {
            serve(page, now);
        }
        goOn(now);
    }

    private void came(long page, int grantNumber, boolean exclusive, boolean upgraded, long now) {
        if (exclusive) {
            frames.forgetSector(page);
            table.exclusive(page, true);
            writeback.came(page, upgraded, now);
        }
        grants.set(page, grantNumber);
        written.granted(grantNumber);
        frames.touch(page, 1);
    }

    /** Null, or why the copy cannot be upgraded. */
    String upgraded(int request, long page, int grantNumber, long now) {
        String wrong = asks.checkPages(request, page, 1, true);
        if (wrong == null && (!PageTable.isUpgrading(table.entry(page)) || PageTable.isBusy(table.entry(page)))) {
            wrong = "an upgrade of page " + page + ", of which there is no copy";
        }
        if (wrong == null) {
            counters.upgrades++;
            came(page, grantNumber, true, true, now);
            asks.answered(request, page, 1, true);
            serve(page, now);
            goOn(now);
        }
        return wrong;
    }

    void declined(int r, long first, int count, int cause, long now) {
        boolean nothingCame = asks.declined(r, first, count, cause);
        int rec = queues.find(first);
        if (cause != 0 && !ClientLink.passes(cause)) {
            // The cause is about the first of these pages; the others are asked for again if somebody needs them.
            if (rec != NONE) {
                failQueue(rec, cause);
            }
        } else if (cause != 0 || nothingCame) {
            if (cause != 0) {
                link.passingCause(cause);
            }
            link.retryAt(now + settings.retryNs());
            return;
        }
        askForWaiters(now);
    }

    /**
     * Grants a page to everybody who waits for it and may have it, and sees to it that the others can. Nobody gets anything while
     * a lost circuit's rights are being taken, whatever comes from the disk meanwhile.
     */
    void serve(long page, long now) {
        int rec = queues.find(page);
        if (rec == NONE || !link.isUp()) {
            return;
        }
        for (int w = queues.head(rec); w != NONE; ) {
            int next = queues.next(w);
            Right wanted = queues.kind(w) == WRITE ? Right.WRITE : Right.READ;
            if (mayGrant(page, wanted)) {
                int slot = queues.owner(w);
                grant(
                        slot,
                        queues.line(w),
                        queues.request(w),
                        page,
                        rights.streams().window(slot, page),
                        wanted,
                        now);
                queues.remove(w);
            }
            w = next;
        }
        if (queues.head(rec) == NONE) {
            queues.close(rec);
        } else {
            seek(rec, now);
        }
    }

    private void grant(int slot, int line, int request, long first, int most, Right wanted, long now) {
        int bit = PageTable.maskBit(slot);
        int count = 0;
        while (count < most && first + count < pages && mayGrant(first + count, wanted)) {
            if (PageTable.right(table.entry(first + count)).compareTo(wanted) < 0) {
                table.grant(first + count, wanted, bit);
            } else {
                table.join(first + count, bit);
            }
            count++;
        }
        if (wanted == Right.WRITE) {
            writeback.given(first, count, now);
        }
        frames.touch(first, count);
        counters.grants++;
        counters.grantedPages += count;
        rights.grant(slot, line, request, first, count, wanted);
    }

    /** Every process has answered a revoke of ours. */
    void revokeAnswered(int operation, long now) {
        long first = revokes.withdrawals.first(operation);
        int count = revokes.withdrawals.count(operation);
        if (revokes.withdrawals.reason(operation) == Reason.CLEAN) {
            writeback.answered(operation, now);
        } else {
            revokes.answered(operation, now);
        }
        for (long page = first; link.isUp() && page < first + count && queues.recordsOpen() > 0; page++) {
            serve(page, now);
        }
        goOn(now);
    }

    /** Home has the bytes, or does not take them because of the cause. Null, or what is wrong. */
    String acknowledged(long first, int count, int grantNumber, int cause, long now) {
        String wrong = written.check(first, count, grantNumber);
        if (wrong == null) {
            for (long page = first; page < first + count; page++) {
                written.settle(page, cause);
                writeback.settled(page, now);
                dropIfAway(page);
            }
            revokes.discardDropped();
            if (cause != 0) {
                port.lost(first, count);
            }
            goOn(now);
            writeback.goOn(now);
        }
        return wrong;
    }

    private void dropIfAway(long page) {
        if (!PageTable.isPresent(table.entry(page))) {
            revokes.dropFrame(page);
        }
    }

    /** Home will never take the bytes that are kept. */
    void loseKept(int cause) {
        for (long from = written.firstKept(); from >= 0; from = written.firstKept()) {
            long to = from;
            while (to < pages && written.isKept(to)) {
                written.settle(to, cause);
                dropIfAway(to);
                to++;
            }
            port.lost(from, (int) (to - from));
        }
        revokes.discardDropped();
    }

    /** Brings home what was written in the run before this moment. */
    void flush(long first, int count, int token, long now) {
        int open = 0;
        for (long page = first; page < first + count; page++) {
            boolean exclusive = PageTable.hostState(table.entry(page)) == HostState.EXCLUSIVE;
            open += exclusive || written.isKept(page) ? 1 : 0;
        }
        written.awaitFlush(first, count, token, open);
        if (link.isUp() && open > 0) {
            revokes.take(first, count, Right.READ, Reason.FLUSH, now);
        }
    }

    void spilled(long page, int cause, long now) {
        eviction.spilled(page, cause, now);
        serve(page, now);
        goOn(now);
    }

    void loaded(long page, int cause, long now) {
        eviction.loaded(page, cause);
        serve(page, now);
        goOn(now);
    }

    /** The circuit is gone: what was asked for will not come, and nobody waits for our answers. */
    void forgetCircuit() {
        asks.forgetCircuit();
        revokes.forgetCircuit();
    }

    /** No process has a right any more: copies are dropped, and what was written is kept until the next call hands it back. */
    void dropAll() {
        table.untouchedRemote(link.circuit());
        for (long page = table.nextTouched(0); page >= 0; page = table.nextTouched(page + 1)) {
            long entry = table.entry(page);
            if (PageTable.hostState(entry) == HostState.EXCLUSIVE) {
                written.keep(page);
            }
            frames.forgetSector(page);
            table.remote(page, link.circuit());
            if (frames.isBounded() && PageTable.isPresent(entry)) {
                revokes.dropFrame(page);
            }
        }
        revokes.discardDropped();
        if (!frames.isBounded() && written.keptCount() == 0) {
            port.discard(0, (int) pages);
        }
    }

    /** A new circuit: its id replaces that of the old one, or the default, in every entry. */
    void allRemote() {
        table.untouchedRemote(link.circuit());
        for (long page = table.nextTouched(0); page >= 0; page = table.nextTouched(page + 1)) {
            table.remote(page, link.circuit());
        }
    }

    void forget(int w) {
        int rec = queues.record(w);
        queues.remove(w);
        if (queues.head(rec) == NONE) {
            queues.close(rec);
        }
    }

    void failAll(int cause) {
        for (int rec = 0; rec < queues.recordLimit(); rec++) {
            if (queues.isOpen(rec)) {
                failQueue(rec, cause);
            }
        }
    }

    void tick(long now) {
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w) && now - waitsSince(w) >= settings.faultDeadlineNs()) {
                fail(w, causeOfWaiting());
                forget(w);
            }
        }
        goOn(now);
    }

    /** A part of a long message has moved. */
    void moved(long now) {
        moved = true;
        movedAt = now;
        asks.requests.moved();
    }

    /**
     * A writer that is held up does not fail while bytes go home; its request then has the whole deadline. A page that was asked for
     * may be on its way while anything moves; home declines what it cannot serve within the deadline.
     */
    private long waitsSince(int w) {
        long since = queues.since(w);
        long entry = table.entry(queues.page(queues.record(w)));
        boolean asked = PageTable.isInProgress(entry) || PageTable.isUpgrading(entry);
        if (asked && moved && movedAt - since > 0) {
            return movedAt;
        }
        boolean heldUp = asks.isHeldUp() && queues.kind(w) == WRITE && writeback.movedAt() - since > 0;
        return heldUp ? writeback.movedAt() : since;
    }

    private int causeOfWaiting() {
        if (link.passingCause() != 0) {
            return link.passingCause();
        }
        return frames.isStarved() ? Cause.NO_MEMORY : Cause.DEADLINE;
    }

    private void failQueue(int rec, int cause) {
        for (int w = queues.head(rec); w != NONE; w = queues.head(rec)) {
            fail(w, cause);
            queues.remove(w);
        }
        queues.close(rec);
    }

    private void fail(int w, int cause) {
        counters.failures++;
        local.fail(
                rights.mapping(queues.owner(w)),
                queues.line(w),
                queues.request(w),
                queues.page(queues.record(w)),
                cause);
    }
}
