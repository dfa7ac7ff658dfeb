package io.pagewire.core;

import io.pagewire.core.Withdrawals.Reason;

/**
 * The pages of a client region: asking for them, granting them. SPEC: V4, V5, O5.
 *
 * <p>A page with an open fetch has no copy and no local right, so a purge of it is answered at once: had home sent the page
 * already, it would have come before the purge. A copy that home was asked to let be written stays readable meanwhile.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class ClientPages {
    private static final int NONE = -1;
    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final int PROBE = 2;
    private static final int FRAMES_AHEAD = 16;

    private final ClientPort port;
    private final LocalPort local;
    private final LocalRights rights;
    private final PageTable table;
    private final ClientLink link;
    private final ClientCounters counters;
    private final ClientSettings settings;
    private final long pages;
    private final int[] grants;

    final PageQueues queues = new PageQueues();
    final Requests requests = new Requests();
    final ClientFrames frames;
    final WrittenPages written;
    final ClientRevokes revokes;
    final ClientEviction eviction;
    /** Read-ahead has been answered with pages lately, not with a refusal. */
    private boolean aheadPays = true;

    private boolean starved;

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
        this.grants = new int[(int) geometry.pages()];
        this.frames = new ClientFrames(pages, port, budget);
        this.written = new WrittenPages(pages, settings.anyWriter(), port, counters, grants);
        this.revokes = new ClientRevokes(port, rights, table, link, counters, frames, written, grants);
        this.eviction = new ClientEviction(pages, table, queues, counters, frames, written, revokes);
    }

    /** A request of a local thread that passed every check; it is answered now or waits. */
    void fault(int slot, int line, int request, long page, Right wanted, long now) {
        int window = rights.streams().access(slot, page);
        long entry = table.entry(page);
        if (link.isUp() && mayGrant(page, wanted)) {
            counters.foundPresent++;
            grant(slot, line, request, page, window, wanted);
        } else {
            int rec = queues.open(page);
            queues.add(rec, wanted == Right.WRITE ? WRITE : READ, slot, line, request, 1, now);
            if (PageTable.isInProgress(entry)) {
                counters.foundInProgress++;
            } else {
                counters.foundRemote++;
                seek(rec, window, now);
            }
        }
        if (link.isUp() && wanted == Right.READ) {
            readAhead(page, window, now);
        }
    }

    private boolean mayGrant(long page, Right wanted) {
        long entry = table.entry(page);
        return PageTable.isReady(entry)
                && !PageTable.isBusy(entry)
                && (wanted == Right.READ || PageTable.hostState(entry) == HostState.EXCLUSIVE);
    }

    /** Does what has to be done so that whoever waits for the page can be served, unless it is being done already. */
    private void seek(int rec, int window, long now) {
        long page = queues.page(rec);
        long entry = table.entry(page);
        if (!maySeek(page, entry)) {
            return;
        }
        if (PageTable.isReady(entry)) {
            upgrade(page);
        } else if (!takeFrame(page, now)) {
            frames.starve();
        } else if (PageTable.isOnDisk(entry)) {
            if (eviction.load(page)) {
                serve(page, now);
            } else {
                seek(rec, window, now);
            }
        } else {
            ask(page, window, wantsToWrite(rec));
        }
        eviction.makeRoom(frames.wantedBack(), now);
    }

    private boolean maySeek(long page, long entry) {
        return link.isUp()
                && !PageTable.isBusy(entry)
                && !PageTable.isInProgress(entry)
                && !PageTable.isUpgrading(entry)
                && !frames.isUnderWay(page);
    }

    private boolean takeFrame(long page, long now) {
        if (frames.take(page)) {
            return true;
        }
        eviction.makeRoom(FRAMES_AHEAD, now);
        return frames.take(page);
    }

    private boolean wantsToWrite(int rec) {
        for (int w = queues.head(rec); w != NONE; w = queues.next(w)) {
            if (queues.kind(w) == WRITE) {
                return true;
            }
        }
        return false;
    }

    private void upgrade(long page) {
        if (requests.isFull()) {
            starved = true;
            return;
        }
        counters.wants++;
        table.upgrading(page, true);
        port.want(requests.beginWriting(page, 1), page, 1, grants[(int) page]);
    }

    /**
     * Asks for the page and at most {@code window - 1} after it; without room it is asked for when an answer has come. While
     * home declines what goes beyond the wanted page, one more page finds out when that ends.
     */
    private void ask(long page, int window, boolean toWrite) {
        if (requests.isFull()) {
            revokes.dropFrame(page);
            revokes.discardDropped();
            starved = true;
            return;
        }
        int count = begin(page, aheadPays ? window : Math.min(window, PROBE));
        if (toWrite) {
            counters.wants++;
            port.want(requests.beginWriting(page, count), page, count, 0);
        } else {
            port.fetch(requests.begin(page, count, false), page, count);
        }
    }

    private int begin(long page, int most) {
        int count = 0;
        while (count < most && page + count < pages && mayAsk(page + count) && frames.take(page + count)) {
            table.inProgress(page + count);
            count++;
        }
        counters.fetches++;
        counters.pagesAsked += count;
        return count;
    }

    /**
     * A sequential reader always has one window more on its way than the one it reads; not while home declines what nobody
     * waits for, as it does with pages of a local writer.
     */
    private void readAhead(long page, int window, long now) {
        if (window == 1 || !aheadPays || !requests.hasRoomForReadAhead()) {
            return;
        }
        long end = Math.min(pages, page + 2L * window);
        long from = page;
        while (from < end && !mayAsk(from)) {
            from++;
        }
        if (from < end && frames.take(from)) {
            int count = begin(from, (int) (end - from));
            port.fetchAhead(requests.begin(from, count, true), from, count);
            eviction.makeRoom(frames.wantedBack(), now);
        }
    }

    private boolean mayAsk(long page) {
        long entry = table.entry(page);
        return PageTable.isRemote(entry) && !PageTable.isBusy(entry) && !frames.isUnderWay(page);
    }

    /** Asks for every page somebody waits for and nobody has asked for, the oldest wish first. */
    void askForWaiters(long now) {
        starved = false;
        frames.retry();
        while (link.isUp() && !requests.isFull() && !frames.isStarved()) {
            int oldest = NONE;
            for (int rec = 0; rec < queues.recordLimit(); rec++) {
                if (queues.isOpen(rec)
                        && maySeek(queues.page(rec), table.entry(queues.page(rec)))
                        && (oldest == NONE || queues.since(queues.head(rec)) - queues.since(queues.head(oldest)) < 0)) {
                    oldest = rec;
                }
            }
            if (oldest == NONE) {
                return;
            }
            seekFor(oldest, now);
        }
        starved = requests.isFull();
    }

    private void seekFor(int rec, long now) {
        seek(rec, rights.streams().window(queues.owner(queues.head(rec)), queues.page(rec)), now);
    }

    /** Frames or requests may be free again: whoever waits for one tries again. */
    void goOn(long now) {
        if (starved || frames.isStarved()) {
            askForWaiters(now);
        }
    }

    /** Null, or why these pages are not what is awaited. */
    String checkAnswer(int request, long first, int count) {
        int r = link.isUp() ? requests.find(request) : NONE;
        if (r == NONE) {
            return "an answer to request " + request + ", which is not open";
        }
        if (count < 1 || first != requests.next(r) || count > requests.left(r)) {
            return "an answer for pages " + first + " to " + (first + count - 1) + ", but request " + request
                    + " awaits " + requests.left(r) + " from " + requests.next(r);
        }
        return null;
    }

    /** Null, or why these pages are not what is awaited, in the way in which they come. */
    String checkPages(int request, long first, int count, boolean exclusive) {
        String wrong = checkAnswer(request, first, count);
        if (wrong == null && requests.isWriting(requests.find(request)) != exclusive) {
            wrong = "pages to " + (exclusive ? "write" : "read") + " in answer to request " + request
                    + ", which wants the other";
        }
        return wrong;
    }

    void arrived(int request, long first, int count, int grantNumber, boolean last, boolean exclusive, long now) {
        int r = requests.find(request);
        for (long page = first; page < first + count; page++) {
            if (PageTable.isInProgress(table.entry(page))) {
                table.ready(page);
            }
            came(page, grantNumber, exclusive);
        }
        counters.pagesArrived += count;
        aheadPays |= !exclusive && (requests.isAhead(r) || first + count - 1 > requests.first(r));
        link.passingCause(0);
        requests.answered(r, count);
        if (last && requests.find(request) != NONE) {
            // Home says that this is all: the rest counts as declined, and is asked for again if somebody needs it.
            turnBack(r, requests.next(r), requests.left(r));
        }
        for (long page = first; page < first + count && queues.recordsOpen() > 0; page++) {
            serve(page, now);
        }
        goOn(now);
    }

    private void came(long page, int grantNumber, boolean exclusive) {
        if (exclusive) {
            frames.forgetSector(page);
            table.exclusive(page, true);
        }
        grants[(int) page] = grantNumber;
        written.granted(grantNumber);
        frames.touch(page, 1);
    }

    /** Null, or why the copy cannot be upgraded. */
    String upgraded(int request, long page, int grantNumber, long now) {
        String wrong = checkPages(request, page, 1, true);
        if (wrong == null && (!PageTable.isUpgrading(table.entry(page)) || PageTable.isBusy(table.entry(page)))) {
            wrong = "an upgrade of page " + page + ", of which there is no copy";
        }
        if (wrong == null) {
            counters.upgrades++;
            came(page, grantNumber, true);
            link.passingCause(0);
            requests.answered(requests.find(request), 1);
            serve(page, now);
            goOn(now);
        }
        return wrong;
    }

    void declined(int r, long first, int count, int cause, long now) {
        boolean nothingCame = first == requests.first(r) && !requests.isAhead(r);
        aheadPays &= cause != 0 || requests.isWriting(r);
        turnBack(r, first, count);
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

    private void turnBack(int r, long first, int count) {
        counters.pagesDeclined += count;
        for (long page = first; page < first + count; page++) {
            if (PageTable.isUpgrading(table.entry(page))) {
                table.upgrading(page, false);
            } else {
                table.remote(page, link.circuit());
                revokes.dropFrame(page);
            }
        }
        requests.answered(r, count);
        revokes.discardDropped();
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
                        wanted);
                queues.remove(w);
            }
            w = next;
        }
        if (queues.head(rec) == NONE) {
            queues.close(rec);
        } else {
            seekFor(rec, now);
        }
    }

    private void grant(int slot, int line, int request, long first, int most, Right wanted) {
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
        frames.touch(first, count);
        counters.grants++;
        counters.grantedPages += count;
        rights.grant(slot, line, request, first, count, wanted);
    }

    /** Every process has answered a revoke of ours. */
    void revokeAnswered(int operation, long now) {
        long first = revokes.withdrawals.first(operation);
        int count = revokes.withdrawals.count(operation);
        revokes.answered(operation, now);
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
                dropIfAway(page);
            }
            revokes.discardDropped();
            if (cause != 0) {
                port.lost(first, count);
            }
            goOn(now);
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
        requests.clear();
        revokes.forgetCircuit();
        starved = false;
    }

    /** No process has a right any more: copies are dropped, and what was written is kept until the next call hands it back. */
    void dropAll() {
        for (long page = 0; page < pages; page++) {
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
        for (long page = 0; page < pages; page++) {
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
            if (queues.isWaiting(w) && now - queues.since(w) >= settings.faultDeadlineNs()) {
                fail(w, causeOfWaiting());
                forget(w);
            }
        }
        goOn(now);
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
