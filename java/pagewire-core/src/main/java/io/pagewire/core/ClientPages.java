package io.pagewire.core;

/**
 * The pages of a client region: fetching, granting, giving back. SPEC: V4, O5.
 *
 * <p>A page with an open fetch has no copy and no local right, so a purge of it is answered at once: had home sent the page
 * already, it would have come before the purge. A page whose rights are being taken is busy: it is neither granted nor
 * fetched until every process has answered.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class ClientPages {
    private static final int NONE = -1;
    private static final int READ = 1;
    private static final int PROBE = 2;

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
    final Withdrawals withdrawals = new Withdrawals();
    /** Read-ahead has been answered with pages lately, not with a refusal. */
    private boolean aheadPays = true;

    private boolean starved;
    /** Pages that were given up and whose frames are not given back yet; none between two events. */
    private long droppedFirst;

    private int droppedCount;

    ClientPages(
            Geometry geometry,
            ClientPort port,
            LocalPort local,
            LocalRights rights,
            PageTable table,
            ClientLink link,
            ClientCounters counters,
            ClientSettings settings) {
        this.port = port;
        this.local = local;
        this.rights = rights;
        this.table = table;
        this.link = link;
        this.counters = counters;
        this.settings = settings;
        this.pages = geometry.pages();
        this.grants = new int[(int) geometry.pages()];
    }

    /** A request of a local thread that passed every check; it is answered now or waits. */
    void fault(int slot, int line, int request, long page, long now) {
        int window = rights.streams().access(slot, page);
        long entry = table.entry(page);
        boolean free = link.isUp() && !PageTable.isBusy(entry);
        if (free && PageTable.isReady(entry)) {
            counters.foundPresent++;
            grant(slot, line, request, page, window);
        } else {
            queues.add(queues.open(page), READ, slot, line, request, 1, now);
            if (PageTable.isInProgress(entry)) {
                counters.foundInProgress++;
            } else {
                counters.foundRemote++;
                if (free) {
                    ask(page, window);
                }
            }
        }
        if (link.isUp()) {
            readAhead(page, window);
        }
    }

    /**
     * Asks for the page and at most {@code window - 1} after it; without room it is asked for when an answer has come. While
     * home declines what goes beyond the wanted page, one more page finds out when that ends.
     */
    private void ask(long page, int window) {
        if (requests.isFull()) {
            starved = true;
            return;
        }
        int count = begin(page, aheadPays ? window : Math.min(window, PROBE));
        port.fetch(requests.begin(page, count, false), page, count);
    }

    private int begin(long page, int most) {
        int count = 0;
        while (count < most && page + count < pages && mayAsk(page + count)) {
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
    private void readAhead(long page, int window) {
        if (window == 1 || !aheadPays || !requests.hasRoomForReadAhead()) {
            return;
        }
        long end = Math.min(pages, page + 2L * window);
        long from = page;
        while (from < end && !mayAsk(from)) {
            from++;
        }
        if (from < end) {
            int count = begin(from, (int) (end - from));
            port.fetchAhead(requests.begin(from, count, true), from, count);
        }
    }

    private boolean mayAsk(long page) {
        long entry = table.entry(page);
        return PageTable.isRemote(entry) && !PageTable.isBusy(entry);
    }

    /** Asks for every page somebody waits for and nobody has asked for, the oldest wish first. */
    void askForWaiters() {
        starved = false;
        while (link.isUp() && !requests.isFull()) {
            int oldest = NONE;
            for (int rec = 0; rec < queues.recordLimit(); rec++) {
                if (queues.isOpen(rec)
                        && mayAsk(queues.page(rec))
                        && (oldest == NONE || queues.since(queues.head(rec)) - queues.since(queues.head(oldest)) < 0)) {
                    oldest = rec;
                }
            }
            if (oldest == NONE) {
                return;
            }
            askFor(oldest);
        }
        starved = true;
    }

    private void askFor(int rec) {
        ask(queues.page(rec), rights.streams().window(queues.owner(queues.head(rec)), queues.page(rec)));
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

    void arrived(int request, long first, int count, int grantNumber, boolean last, long now) {
        int r = requests.find(request);
        for (long page = first; page < first + count; page++) {
            table.ready(page);
            grants[(int) page] = grantNumber;
        }
        counters.pagesArrived += count;
        aheadPays |= requests.isAhead(r) || first + count - 1 > requests.first(r);
        link.passingCause(0);
        requests.answered(r, count);
        if (last && requests.find(request) != NONE) {
            // Home says that this is all: the rest counts as declined, and is asked for again if somebody needs it.
            turnBack(r, requests.next(r), requests.left(r));
        }
        for (long page = first; page < first + count && queues.recordsOpen() > 0; page++) {
            serve(page);
        }
        if (starved) {
            askForWaiters();
        }
    }

    void declined(int r, long first, int count, int cause, long now) {
        boolean nothingCame = first == requests.first(r) && !requests.isAhead(r);
        aheadPays &= cause != 0;
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
        askForWaiters();
    }

    private void turnBack(int r, long first, int count) {
        counters.pagesDeclined += count;
        for (long page = first; page < first + count; page++) {
            table.remote(page, link.circuit());
        }
        requests.answered(r, count);
    }

    /** Grants a page that has arrived to everybody who waits for it. */
    private void serve(long page) {
        int rec = queues.find(page);
        if (rec == NONE) {
            return;
        }
        for (int w = queues.head(rec); w != NONE; w = queues.head(rec)) {
            int slot = queues.owner(w);
            grant(
                    slot,
                    queues.line(w),
                    queues.request(w),
                    page,
                    rights.streams().window(slot, page));
            queues.remove(w);
        }
        queues.close(rec);
    }

    private void grant(int slot, int line, int request, long first, int most) {
        int bit = PageTable.maskBit(slot);
        int count = 0;
        while (count < most && first + count < pages && mayGrant(first + count)) {
            table.grant(first + count, Right.READ, bit);
            count++;
        }
        counters.grants++;
        counters.grantedPages += count;
        rights.grant(slot, line, request, first, count, Right.READ);
    }

    private boolean mayGrant(long page) {
        long entry = table.entry(page);
        return PageTable.isReady(entry) && !PageTable.isBusy(entry);
    }

    /** Takes the pages from every process, then drops them and answers home; a writer there waits for the answer. */
    void purge(long first, int count, int operation, long now) {
        counters.purges++;
        withdraw(first, count, false, now);
        int pending = 0;
        for (long page = first; page < first + count; page++) {
            if (PageTable.isBusy(table.entry(page))) {
                pending++;
            }
        }
        if (pending > 0) {
            withdrawals.await(first, count, operation, pending);
        } else {
            counters.purgeAnswers++;
            port.purged(first, count, operation);
        }
        discardDropped();
    }

    /** Gives up what can be given up of the run: copies that are here and not being taken already. */
    void drop(long first, int count, long now) {
        withdraw(first, count, true, now);
        discardDropped();
    }

    private void withdraw(long first, int count, boolean tellHome, long now) {
        long end = first + count;
        long page = first;
        while (page < end) {
            long from = page;
            int mask = 0;
            while (page < end && mayGrant(page)) {
                mask |= PageTable.mappings(table.entry(page));
                page++;
            }
            if (page > from) {
                withdrawRun(from, (int) (page - from), mask, tellHome, now);
            } else {
                page++;
            }
        }
    }

    private void withdrawRun(long first, int count, int mask, boolean tellHome, long now) {
        int operation = rights.revoke(mask, first, count, Right.NONE, now);
        if (operation == NONE) {
            giveUp(first, count, tellHome);
            return;
        }
        counters.revokes++;
        for (long page = first; page < first + count; page++) {
            table.busy(page, true);
        }
        withdrawals.begin(operation, first, count, tellHome);
    }

    /** Every process has answered. */
    void withdrawn(int operation, long now) {
        long first = withdrawals.first(operation);
        int count = withdrawals.count(operation);
        withdrawals.end(operation);
        giveUp(first, count, withdrawals.release(operation));
        if (link.isUp()) {
            counters.purgeAnswers += withdrawals.freed(first, count, port);
        }
        discardDropped();
        if (link.isUp()) {
            for (long page = first; page < first + count && queues.recordsOpen() > 0; page++) {
                int rec = queues.find(page);
                if (rec != NONE && mayAsk(page)) {
                    askFor(rec);
                }
            }
        }
    }

    private void giveUp(long first, int count, boolean tellHome) {
        for (long page = first; page < first + count; page++) {
            table.remote(page, link.circuit());
        }
        if (tellHome && link.isUp()) {
            release(first, count);
        }
        if (droppedCount > 0 && droppedFirst + droppedCount == first) {
            droppedCount += count;
        } else {
            discardDropped();
            droppedFirst = first;
            droppedCount = count;
        }
    }

    /** Gives frames back, after the messages about their pages: that takes a while, and somebody waits for those. */
    private void discardDropped() {
        if (droppedCount > 0) {
            int count = droppedCount;
            droppedCount = 0;
            port.discard(droppedFirst, count);
        }
    }

    /** One RELEASE for each run of pages that came in the same message. */
    private void release(long first, int count) {
        int from = (int) first;
        int end = from + count;
        while (from < end) {
            int to = from + 1;
            while (to < end && grants[to] == grants[from]) {
                to++;
            }
            counters.released += to - from;
            port.release(from, to - from, grants[from]);
            from = to;
        }
    }

    /** The circuit is gone: what was asked for will not come, and nobody waits for our answers. */
    void forgetCircuit() {
        requests.clear();
        withdrawals.forgetPurges();
        starved = false;
    }

    /** No process has a right, no copy is held. */
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
                fail(w, link.passingCause() != 0 ? link.passingCause() : Cause.DEADLINE);
                forget(w);
            }
        }
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
