package io.pagewire.core;

/**
 * A region at the host that owns it: the directory of its pages. Processes of this host may write, other hosts read copies, or
 * may write too. A page is given to a writer only after everybody else has lost it, and to another reader only after its writer
 * has lost write access. SPEC: O2-O6, V4, V5, V7.
 *
 * <p>A slot is one daemon session of one other host; it joins when its circuit is accepted and is gone when home may act as if
 * it held nothing.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class HomeRegion {
    /** Fetches one host may have open; its own bound is far lower. */
    static final int MOST_FETCHES = 256;

    private static final int NONE = -1;
    private static final String ONLY_HOME_WRITES = "only processes of home write to this region";

    private final Geometry geometry;
    private final HomeSettings settings;
    private final LocalPort local;
    private final PageTable table;
    private final Copies copies;
    private final HomeGate gate;
    private final boolean tracking;
    private final HomeCounters counters = new HomeCounters();
    private final LocalRights rights;
    private final HomePages pages;
    private final StallGuard stall;
    private int takingOperation = NONE;

    public HomeRegion(Geometry geometry, HomePort port, LocalPort local, HomeSettings settings) {
        this(geometry, port, local, settings, FrameBudget.UNLIMITED);
    }

    public HomeRegion(Geometry geometry, HomePort port, LocalPort local, HomeSettings settings, FrameBudget budget) {
        this(geometry, port, local, settings, budget, TableRoom.UNLIMITED);
    }

    /** @param budget bounds the frames of a region whose pages may be spilled */
    public HomeRegion(
            Geometry geometry,
            HomePort port,
            LocalPort local,
            HomeSettings settings,
            FrameBudget budget,
            TableRoom room) {
        this.geometry = geometry;
        this.settings = settings;
        this.local = local;
        this.stall = new StallGuard(settings.revokeDeadlineNs());
        boolean anyWriter = settings.anyWriter();
        this.tracking = anyWriter || budget.limited();
        this.gate = new HomeGate(anyWriter);
        this.table = tracking
                ? PageTable.ofTrackingHome(geometry, budget.limited(), room)
                : PageTable.ofHome(geometry, room);
        this.copies = new Copies(geometry, anyWriter, settings.grantsAfter());
        this.rights =
                new LocalRights(local, settings.revokeDeadlineNs(), this::revokeAnswered, settings.writeRunPages());
        this.pages = new HomePages(geometry, port, local, rights, table, copies, gate, counters, budget);
    }

    /**
     * A process maps the region. The answer is its right on every page from the start: read, or none while the region is
     * suspended, and where pages may be elsewhere or are published. SPEC: O3.
     */
    public Right mappingOpened(int mapping, Right highest) {
        boolean allMayBeRead = gate.open() && !tracking && !pages.changes.haveBegun();
        Right first = allMayBeRead && highest != Right.NONE ? Right.READ : Right.NONE;
        rights.open(mapping, highest, first != Right.NONE);
        return first;
    }

    /** The process unmapped the region in good order, or its end is proven: it has no rights, and its revokes are answered. */
    public void mappingGone(int mapping, long now) {
        int slot = rights.slot(mapping);
        if (slot == NONE) {
            return;
        }
        pages.forgetLocal(slot, NONE);
        rights.close(mapping, now);
    }

    /** A thread of a mapping wants {@code wanted} on {@code page}. SPEC: V4, O4. */
    public void localFault(int mapping, int line, int requestId, long page, Right wanted, long now) {
        counters.faults++;
        int slot = rights.slot(mapping);
        int cause = refusal(slot, page, wanted);
        if (cause != 0) {
            counters.failures++;
            local.fail(mapping, line, requestId, page, cause);
            return;
        }
        pages.fault(slot, line, requestId, page, wanted, now);
    }

    private int refusal(int slot, long page, Right wanted) {
        if (slot == NONE) {
            return Cause.CLOSED;
        }
        if (page < 0 || page >= geometry.pages()) {
            return Cause.OUT_OF_RANGE;
        }
        if (gate.failed()) {
            return gate.closedCause();
        }
        if (wanted == Right.NONE) {
            return Cause.PROTOCOL;
        }
        if (wanted.compareTo(rights.highest(slot)) > 0) {
            return Cause.READ_ONLY;
        }
        return table.isBeyondRoom(page) ? Cause.NO_MEMORY : 0;
    }

    /** A fault line was closed: whoever waited on it does not wait any more. */
    public void lineLost(int mapping, int line) {
        pages.forgetLocal(rights.slot(mapping), line);
    }

    /** The agent of a mapping has taken the rights away that this revoke named. */
    public void revoked(int mapping, long sequence, long now) {
        rights.revoked(mapping, sequence, now);
    }

    /**
     * The circuit of a host was accepted. A slot that joined before must be gone first.
     *
     * @param circuit its id, which stands in the entries of pages that the host holds exclusively
     * @param coherent false for a preloaded region: what the host is sent are no copies, and never purged
     */
    public void hostJoined(int slot, int circuit, boolean coherent, long now) {
        copies.join(slot, circuit, coherent);
        if (!coherent) {
            pages.changes.begin();
        }
    }

    /**
     * A host holds nothing any more: it said good-bye, or it comes back with a new circuit, before whose first message it
     * dropped everything and handed back what it had written. Its answers count as given.
     */
    public void hostGone(int slot, long now) {
        if (copies.isKnown(slot)) {
            gone(slot, false, now);
        }
    }

    /**
     * The lease of a host has run out: its copies are gone, and its answers count as given. What it holds exclusively stays held,
     * because it may still have the bytes; but nobody waits for it. Whoever waits for such a page, or asks for it later, gets what
     * home has, and that the rest is lost is told then (ARCHITECTURE.md, rule 19). Afterwards {@link #isAbsent} says whether the
     * slot is in use still.
     */
    public void hostLost(int slot, long now) {
        if (!copies.isKnown(slot)) {
            return;
        }
        if (settings.anyWriter() && copies.isCoherent(slot)) {
            copies.goAway(slot);
            pages.hostAbsent(slot, now);
        } else {
            gone(slot, true, now);
        }
    }

    /**
     * A host that had joined an earlier life of this home is absent; called before anything else happens. {@code doubtful}: of what
     * it handed back, or held, something was refused or given away in that life.
     */
    public void hostWasHere(int slot, int circuit, boolean doubtful) {
        if (!settings.anyWriter()) {
            throw new IllegalStateException(ONLY_HOME_WRITES);
        }
        copies.wasHere(slot, circuit);
        if (doubtful) {
            pages.recalls.doubt(slot);
        }
    }

    /** The absent host held this page when home's earlier life ended, under that grant; called after {@link #hostWasHere}. */
    public void heldBefore(int slot, long page, int grantNumber) {
        pages.recalls.heldBefore(slot, page, grantNumber);
    }

    /** An absent host has called and hands back what it holds: it is waited for until {@code hostGone} or {@code hostLost}. */
    public void hostReturns(int slot) {
        copies.comeBack(slot);
    }

    /** A host will never come back: pages that it held exclusively go back to what home has, and that is told. */
    public void hostForgotten(int slot, long now) {
        if (copies.isKnown(slot)) {
            gone(slot, true, now);
        }
    }

    /** Whether the host of this slot was lost and neither is back nor forgotten. */
    public boolean isAbsent(int slot) {
        return copies.isAbsent(slot);
    }

    private void gone(int slot, boolean written, long now) {
        copies.leave(slot);
        pages.hostGone(slot, written, now);
    }

    /** Null, or why this message cannot be valid; its circuit must then be closed. */
    public String fetch(int slot, int request, long first, int count, long now) {
        String wrong = checkFetch(slot, first, count);
        if (wrong == null) {
            pages.fetch(slot, request, first, count, now);
        }
        return wrong;
    }

    /** Like {@link #fetch} for pages that nobody waits for: nothing is taken from anybody for them. */
    public String fetchAhead(int slot, int request, long first, int count, long now) {
        String wrong = checkFetch(slot, first, count);
        if (wrong == null) {
            pages.fetchAhead(slot, request, first, count, now);
        }
        return wrong;
    }

    /** The host of the slot takes again what is sent to it, after {@link HomePort#takes} had said that it does not. */
    public void writable(int slot, long now) {
        pages.goOnSending(slot, now);
    }

    private String checkFetch(int slot, long first, int count) {
        String wrong = checkMessage(slot, first, count);
        if (wrong != null) {
            return "fetch: " + wrong;
        }
        if (copies.fetches(slot, 1) > MOST_FETCHES) {
            copies.fetches(slot, -1);
            return "fetch: more than " + MOST_FETCHES + " are open";
        }
        counters.fetches++;
        return null;
    }

    /**
     * Like {@link #fetch}, for a process that wants to write the first page. {@code heldGrant}: the grant number of the copy of
     * that page which the host has, 0 when it has none.
     */
    public String want(int slot, int request, long first, int count, int heldGrant, long now) {
        String wrong = settings.anyWriter() ? checkFetch(slot, first, count) : ONLY_HOME_WRITES;
        if (wrong != null) {
            return "want: " + wrong;
        }
        counters.wants++;
        pages.want(slot, request, first, count, heldGrant != 0, now);
        return null;
    }

    /** The answer to a recall. {@code bytes}: the page's contents came along, and {@link HomePort#store} can take them. */
    public String recalled(
            int slot, long first, int count, int operation, Right left, boolean bytes, int grantNumber, long now) {
        String wrong = checkBytes(slot, first, count, left);
        if (wrong == null && count != 1) {
            wrong = count + " pages, but every recall names one";
        }
        if (wrong == null) {
            wrong = pages.recalled(slot, first, operation, left, bytes, grantNumber, now);
        }
        return wrong == null ? null : "recalled: " + wrong;
    }

    private String checkBytes(int slot, long first, int count, Right left) {
        if (!settings.anyWriter()) {
            return ONLY_HOME_WRITES;
        }
        return left == Right.WRITE ? "a host keeps write access" : checkMessage(slot, first, count);
    }

    /** Written pages come home by the host's own wish. */
    public String wroteBack(int slot, long first, int count, Right left, int grantNumber, long now) {
        String wrong = checkBytes(slot, first, count, left);
        if (wrong == null) {
            wrong = pages.wroteBack(slot, first, count, left, grantNumber, now);
        }
        return wrong == null ? null : "write-back: " + wrong;
    }

    /** Written pages that a host hands back between its call and {@code hostGone}, {@code hostJoined}. */
    public String handedBack(int slot, long first, int count, int grantNumber, long now) {
        String wrong = settings.anyWriter() ? geometry.checkNamedRun(first, count) : ONLY_HOME_WRITES;
        if (wrong != null) {
            return "hand-back: " + wrong;
        }
        pages.recalls.handedBack(slot, first, count, grantNumber);
        return null;
    }

    /** A host without copies (a preloaded region) has changed a page; {@link HomePort#applyPublished} follows, once. */
    public String publish(int slot, long page, long now) {
        String wrong = checkMessage(slot, page, 1);
        if (wrong != null) {
            return "publish: " + wrong;
        }
        if (copies.isCoherent(slot)) {
            return "publish: this host has copies, and writes by having pages to itself";
        }
        pages.publish(slot, page, now);
        return null;
    }

    /** The version of the region as a whole: counts up with every change that {@link #changedSince} may have to find. */
    public long version() {
        return pages.changes.version();
    }

    /** The first page from {@code from} on that may have changed since that version, or is being written now; -1 = none. */
    public long changedSince(long version, long from) {
        return pages.changes.since(version, from);
    }

    /** A page's frame has been written to the spill file, or could not be because of the cause. */
    public void spilled(long page, int cause, long now) {
        pages.spilled(page, cause, now);
    }

    /** A sector stands in the frame of its page, or cannot be read because of the cause. */
    public void loaded(long page, int cause, long now) {
        pages.loaded(page, cause, now);
    }

    /** Frames are to be had again, after {@link FrameBudget#take} had refused some. */
    public void framesFree(long now) {
        pages.goOn(now);
    }

    /** Others need frames: gives up that many if it can. */
    public void shrink(int frames, long now) {
        pages.frames.makeRoom(frames, now);
    }

    /** Null, or why this message cannot be valid; its circuit must then be closed. */
    public String purged(int slot, long first, int count, int operation, long now) {
        String wrong = checkMessage(slot, first, count);
        if (wrong != null) {
            return "purged: " + wrong;
        }
        if (count != 1) {
            return "purged: " + count + " pages, but every purge names one";
        }
        return pages.purged(slot, first, operation, now);
    }

    /** Null, or why this message cannot be valid; its circuit must then be closed. */
    public String release(int slot, long first, int count, int grantNumber, long now) {
        String wrong = checkMessage(slot, first, count);
        if (wrong != null) {
            return "release: " + wrong;
        }
        for (long page = first; page < first + count; page++) {
            if (copies.released(slot, page, grantNumber)) {
                counters.released++;
            } else {
                counters.staleReleases++;
            }
        }
        return null;
    }

    private String checkMessage(int slot, long first, int count) {
        return copies.isJoined(slot) ? geometry.checkNamedRun(first, count) : "slot " + slot + " has not joined";
    }

    /** The page that {@code sendPages} called {@link HomePort#WARMING} is in memory, or cannot be had because of the cause. */
    public void dataReady(long page, int cause, long now) {
        pages.dataReady(page, cause, now);
    }

    /**
     * This host may have lost its claim to the region: all local rights are taken away, fetches are declined with the cause,
     * local requests wait for {@link #resume} or their deadline.
     */
    public void suspend(int cause, long now) {
        gate.suspend(cause);
        takeAll(now);
        pages.pumpAll(now);
    }

    /** The claim is confirmed, or new. Nobody gets write access before {@code noWriteGrantBefore}. */
    public void resume(long now, long noWriteGrantBefore) {
        gate.resume(noWriteGrantBefore, now);
        reopen(now);
    }

    /** The region is no more: every waiter and every later request fails with this cause. */
    public void fail(int cause, long now) {
        gate.fail(cause);
        takeAll(now);
        pages.failAll(cause);
    }

    /** A part of a long message has moved on the circuit of the host: what it owes, or is owed, is on its way. */
    public void moved(int slot, long now) {
        pages.arrivals.moved(slot, now);
    }

    /** Deadlines; called every 10 to 50 ms. */
    public void tick(long now) {
        if (stall.mayJudge(now)) {
            counters.fences += rights.tick(now);
            pages.tick(now, settings.faultDeadlineNs(), settings.homeDeadlineNs());
        }
        if (gate.barLifted(now)) {
            pages.pumpAll(now);
        }
    }

    private void takeAll(long now) {
        if (gate.isTaking()) {
            return;
        }
        takingOperation = rights.revokeAll(now);
        if (takingOperation == NONE) {
            lowerAll(Right.NONE);
        } else {
            counters.revokes++;
            gate.taking(true);
        }
    }

    private void revokeAnswered(int operation, int left, long now) {
        if (left > 0) {
            return;
        }
        if (operation != takingOperation) {
            pages.revokeAnswered(operation, now);
        } else {
            takingOperation = NONE;
            gate.taking(false);
            lowerAll(Right.NONE);
            reopen(now);
        }
    }

    /** Local processes may read every page again as soon as nothing stands against it. */
    private void reopen(long now) {
        if (gate.open()) {
            if (!tracking) {
                readableAgain();
            }
            pages.pumpAll(now);
        }
    }

    private void readableAgain() {
        table.untouchedRight(Right.READ);
        for (long page = table.nextTouched(0); page >= 0; page = table.nextTouched(page + 1)) {
            if (PageTable.right(table.entry(page)) == Right.NONE) {
                table.grant(page, Right.READ, 0);
            }
        }
    }

    private void lowerAll(Right left) {
        if (table.untouchedRight().compareTo(left) > 0) {
            table.untouchedRight(left);
        }
        for (long page = table.nextTouched(0); page >= 0; page = table.nextTouched(page + 1)) {
            table.reduce(page, left);
        }
    }

    /** What its page table has taken of the {@link TableRoom}, which the adapter gives back when the region ends. */
    public long tableBytes() {
        return table.bytes();
    }

    /** The page-table entry; {@link PageTable} reads it. */
    public long entry(long page) {
        return table.entry(page);
    }

    public HostState hostState(long page) {
        return PageTable.hostState(table.entry(page));
    }

    /** The slot of the host that holds the page exclusively, -1 = home. */
    public int holder(long page) {
        return copies.holder(page);
    }

    /** How many pages the host with this slot holds exclusively: what it has stored there is not home. */
    public int pagesHeld(int slot) {
        return copies.held(slot);
    }

    /** Pages that other hosts hold exclusively. */
    public long pagesNotHome() {
        return pages.recalls.away();
    }

    /** Bit i for slot i, bit 31 for all slots from 31 up. */
    public int copyset(long page) {
        return copies.set(page);
    }

    /** The newest grant number of the page, 0 when it never left. */
    public int grantNumber(long page) {
        return copies.grantNumber(page);
    }

    public PageTable table() {
        return table;
    }

    public HomeCounters counters() {
        return counters;
    }

    public Geometry geometry() {
        return geometry;
    }

    /** Requests that wait, of local threads and of other hosts. */
    public int waiting() {
        return pages.queues.waiters();
    }

    /** Whether a local thread or another host waits for the page. */
    public boolean isWaitedFor(long page) {
        int rec = pages.queues.find(page);
        return rec != NONE && pages.queues.head(rec) != NONE;
    }

    /** Pages about which a decision is under way. */
    public int busyPages() {
        return pages.queues.recordsOpen();
    }

    /** Whether every right of local processes is being taken away, and some may have theirs still. */
    public boolean isTakingRights() {
        return gate.isTaking();
    }

    /** Revokes no process has answered yet. */
    public int unansweredRevokes() {
        return rights.unanswered();
    }
}
