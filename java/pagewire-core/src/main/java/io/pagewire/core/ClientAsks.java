package io.pagewire.core;

/**
 * What a client asks home for, and when: the page somebody waits for, with what a sequential reader will want next; or to let a
 * copy be written. At most {@link Requests#MOST} requests are open, and a page is asked for once. SPEC: V4, V5.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class ClientAsks {
    private static final int NONE = -1;
    private static final int PROBE = 2;
    private static final int FRAMES_AHEAD = 16;

    private final ClientPort port;
    private final PageTable table;
    private final ClientLink link;
    private final ClientCounters counters;
    private final PageQueues queues;
    private final ClientFrames frames;
    private final ClientRevokes revokes;
    private final ClientEviction eviction;
    private final PageInts grants;
    private final long pages;
    private final int mostRun;

    private final ClientWriteback writeback;

    final Requests requests;
    /** Read-ahead has been answered with pages lately, not with a refusal. */
    private boolean aheadPays = true;

    /** Somebody waits for a request to be free. */
    private boolean starved;

    /** Some writer waits until less is away from home. */
    private boolean heldUp;

    ClientAsks(
            Geometry geometry,
            ClientPort port,
            PageTable table,
            ClientLink link,
            ClientCounters counters,
            PageQueues queues,
            Requests requests,
            ClientFrames frames,
            ClientRevokes revokes,
            ClientEviction eviction,
            ClientWriteback writeback,
            PageInts grants) {
        this.pages = geometry.pages();
        this.mostRun = geometry.mostRun();
        this.port = port;
        this.table = table;
        this.link = link;
        this.counters = counters;
        this.queues = queues;
        this.requests = requests;
        this.writeback = writeback;
        this.frames = frames;
        this.revokes = revokes;
        this.eviction = eviction;
        this.grants = grants;
    }

    /** Whether something has to be done for the page, and can be: nothing is under way yet. */
    boolean maySeek(long page) {
        long entry = table.entry(page);
        return link.isUp()
                && !PageTable.isBusy(entry)
                && !PageTable.isInProgress(entry)
                && !PageTable.isUpgrading(entry)
                && !frames.isUnderWay(page);
    }

    /**
     * Does what has to be done so that whoever waits for the page can be served. True when it is here at once, out of the disk
     * cache.
     */
    boolean seek(long page, int window, boolean toWrite, long now) {
        if (!maySeek(page)) {
            return false;
        }
        int room = toWrite ? writeback.room(now) : window;
        if (room == 0) {
            counters.writersHeldUp += heldUp ? 0 : 1;
            heldUp = true;
            return false;
        }
        boolean here = false;
        if (PageTable.isReady(table.entry(page))) {
            upgrade(page, Math.min(window, room));
        } else if (PageTable.isRemote(table.entry(page)) && requests.isFull()) {
            starved = true;
        } else if (!takeFrame(page, now)) {
            frames.starve();
        } else if (PageTable.isOnDisk(table.entry(page))) {
            here = load(page, window, toWrite, now);
        } else {
            ask(page, Math.min(window, room), toWrite);
        }
        eviction.makeRoom(frames.wantedBack(), now);
        return here;
    }

    private boolean load(long page, int window, boolean toWrite, long now) {
        int result = eviction.load(page);
        return result == 0 || result != FramePort.LOADING && seek(page, window, toWrite, now);
    }

    private boolean takeFrame(long page, long now) {
        if (frames.take(page)) {
            return true;
        }
        eviction.makeRoom(FRAMES_AHEAD, now);
        return frames.take(page);
    }

    /**
     * Asks to write a copy. To somebody who writes in order the pages behind it come back ahead of time, as far as they went home by
     * themselves: nobody else is known to want those.
     */
    private void upgrade(long page, int most) {
        if (requests.isFull()) {
            starved = true;
            return;
        }
        askToWrite(page);
        long end = Math.min(pages, page + most);
        for (long next = page + 1; next < end && mayUpgradeAhead(next) && requests.hasRoomForReadAhead(); next++) {
            askToWrite(next);
        }
    }

    private boolean mayUpgradeAhead(long page) {
        return writeback.wentHome(page) && PageTable.isReady(table.entry(page)) && maySeek(page);
    }

    private void askToWrite(long page) {
        counters.wants++;
        table.upgrading(page, true);
        port.want(requests.beginWriting(page, 1), page, 1, grants.get(page));
    }

    /**
     * Asks for the page and at most {@code window - 1} after it. While home declines what goes beyond the wanted page, one more
     * page finds out when that ends.
     */
    private void ask(long page, int window, boolean toWrite) {
        int count = begin(page, aheadPays ? window : Math.min(window, PROBE));
        if (toWrite) {
            counters.wants++;
            port.want(requests.beginWriting(page, count), page, count, 0);
        } else {
            port.fetch(requests.begin(page, count, false), page, count);
        }
    }

    private int begin(long page, int wished) {
        int most = Math.min(wished, mostRun);
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
    void readAhead(long page, int window, long now) {
        if (window == 1 || !aheadPays || !requests.hasRoomForReadAhead()) {
            return;
        }
        long end = Math.min(pages, page + 2L * window);
        long from = page;
        while (from < end && !mayAsk(from)) {
            from++;
        }
        long first = from;
        int count = mostRun;
        while (count == mostRun && from < end && mayAsk(from) && requests.hasRoomForReadAhead() && frames.take(from)) {
            count = begin(from, (int) (end - from));
            port.fetchAhead(requests.begin(from, count, true), from, count);
            from += count;
        }
        if (from > first) {
            eviction.makeRoom(frames.wantedBack(), now);
        }
    }

    private boolean mayAsk(long page) {
        return PageTable.isRemote(table.entry(page)) && maySeek(page);
    }

    /** Whether somebody waits because there was no request, or no frame. */
    boolean isStarved() {
        return starved || frames.isStarved();
    }

    /** Whether somebody waits to write because too much is away from home. */
    boolean isHeldUp() {
        return heldUp;
    }

    boolean wantsToWrite(int rec) {
        for (int w = queues.head(rec); w != NONE; w = queues.next(w)) {
            if (queues.kind(w) == ClientPages.WRITE) {
                return true;
            }
        }
        return false;
    }

    void fed() {
        starved = false;
        heldUp = false;
        frames.fed();
    }

    /** The record for which something must be done, the oldest wish first; -1 when there is none, or nothing can be done. */
    int oldest() {
        if (!link.isUp() || frames.isStarved()) {
            return NONE;
        }
        int oldest = NONE;
        for (int rec = 0; rec < queues.recordLimit(); rec++) {
            if (queues.isOpen(rec)
                    && maySeek(queues.page(rec))
                    && !(heldUp && wantsToWrite(rec))
                    && (oldest == NONE || queues.since(queues.head(rec)) - queues.since(queues.head(oldest)) < 0)) {
                oldest = rec;
            }
        }
        starved = oldest != NONE && requests.isFull();
        return starved ? NONE : oldest;
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

    /** Pages have come; {@code last}: home says that this is all, and the rest is asked for again if somebody needs it. */
    void answered(int request, long first, int count, boolean last) {
        int r = requests.find(request);
        counters.pagesArrived += count;
        aheadPays |= !requests.isWriting(r) && (requests.isAhead(r) || first + count - 1 > requests.first(r));
        link.passingCause(0);
        requests.answered(r, count);
        if (last && requests.find(request) != NONE) {
            turnBack(r, requests.next(r), requests.left(r));
        }
    }

    /** What is left of a request does not come. True when nothing of it has come that somebody waited for. */
    boolean declined(int r, long first, int count, int cause) {
        boolean nothingCame = first == requests.first(r) && !requests.isAhead(r);
        aheadPays &= cause != 0 || requests.isWriting(r);
        turnBack(r, first, count);
        return nothingCame;
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

    /** The circuit is gone: what was asked for will not come. */
    void forgetCircuit() {
        requests.clear();
        starved = false;
        heldUp = false;
    }
}
