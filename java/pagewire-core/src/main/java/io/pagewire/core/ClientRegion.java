package io.pagewire.core;

/**
 * A region at a host that does not own it: copies of pages, fetched when they are first read, given up when somebody wants to
 * write. Processes of this host may only read, or in a region that any host may write have pages to themselves until another
 * host needs them. SPEC: O2, O5, V4, V5, V7, V13.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class ClientRegion {
    private static final int NONE = -1;

    private final Geometry geometry;
    private final ClientPort port;
    private final LocalPort local;
    private final ClientSettings settings;
    private final PageTable table;
    private final ClientLink link = new ClientLink();
    private final ClientCounters counters = new ClientCounters();
    private final LocalRights rights;
    private final ClientPages pages;
    private final StallGuard stall;
    private int takingOperation = NONE;
    private int failedCause;

    public ClientRegion(Geometry geometry, ClientPort port, LocalPort local, ClientSettings settings) {
        this(geometry, port, local, settings, FrameBudget.UNLIMITED);
    }

    /** @param budget bounds the frames of the region's copies */
    public ClientRegion(
            Geometry geometry, ClientPort port, LocalPort local, ClientSettings settings, FrameBudget budget) {
        this(geometry, port, local, settings, budget, TableRoom.UNLIMITED);
    }

    /**
     * @param budget bounds the frames of the region's copies
     * @param room bounds the page table
     */
    public ClientRegion(
            Geometry geometry,
            ClientPort port,
            LocalPort local,
            ClientSettings settings,
            FrameBudget budget,
            TableRoom room) {
        this.geometry = geometry;
        this.port = port;
        this.local = local;
        this.stall = new StallGuard(settings.revokeDeadlineNs());
        this.settings = settings;
        this.table = PageTable.ofClient(geometry, settings.anyWriter(), room);
        this.rights =
                new LocalRights(local, settings.revokeDeadlineNs(), this::revokeAnswered, settings.readAheadPages());
        this.pages = new ClientPages(geometry, port, local, rights, table, link, counters, settings, budget);
    }

    /** A process maps the region. It starts without any right. SPEC: O3. */
    public Right mappingOpened(int mapping, Right highest) {
        rights.open(mapping, highest, false);
        return Right.NONE;
    }

    /** The process unmapped the region in good order, or its end is proven: it has no rights, and its revokes are answered. */
    public void mappingGone(int mapping, long now) {
        int slot = rights.slot(mapping);
        if (slot == NONE) {
            return;
        }
        PageQueues queues = pages.queues;
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w) && queues.owner(w) == slot) {
                pages.forget(w);
            }
        }
        rights.close(mapping, now);
    }

    /**
     * A thread of a mapping wants {@code wanted} on {@code page}. In a region that only home writes a write fails at once.
     * SPEC: O5, O2, V5.
     */
    public void localFault(int mapping, int line, int requestId, long page, Right wanted, long now) {
        counters.faults++;
        int slot = rights.slot(mapping);
        int cause = refusal(slot, page, wanted, now);
        if (cause != 0) {
            counters.failures++;
            local.fail(mapping, line, requestId, page, cause);
            return;
        }
        pages.fault(slot, line, requestId, page, wanted, now);
        if (link.state() == ClientLink.State.DOWN && isWanted() && !link.retryPending()) {
            resolve(now);
        }
    }

    private int refusal(int slot, long page, Right wanted, long now) {
        if (slot == NONE) {
            return Cause.CLOSED;
        }
        boolean toWrite = wanted == Right.WRITE;
        if (toWrite && !settings.anyWriter() || wanted.compareTo(rights.highest(slot)) > 0) {
            return Cause.READ_ONLY;
        }
        if (page < 0 || page >= geometry.pages()) {
            return Cause.OUT_OF_RANGE;
        }
        if (wanted == Right.NONE) {
            return Cause.PROTOCOL;
        }
        if (table.isBeyondRoom(page)) {
            return Cause.NO_MEMORY;
        }
        boolean justTried = link.state() == ClientLink.State.DOWN && link.retryPending();
        if (failedCause == 0 && justTried && link.outageLasts(now, settings.faultDeadlineNs())) {
            return link.passingCause();
        }
        return failedCause;
    }

    /** A fault line was closed: whoever waited on it does not wait any more. */
    public void lineLost(int mapping, int line) {
        int slot = rights.slot(mapping);
        PageQueues queues = pages.queues;
        for (int w = 0; w < queues.waiterLimit(); w++) {
            if (queues.isWaiting(w) && queues.owner(w) == slot && queues.line(w) == line) {
                pages.forget(w);
            }
        }
    }

    /** The agent of a mapping has taken the rights away that this revoke named. */
    public void revoked(int mapping, long sequence, long now) {
        rights.revoked(mapping, sequence, now);
    }

    /** The owner was found and has accepted the call: the id replaces the default in every entry. SPEC: V1, V13. */
    public void circuitUp(int circuitId, long now) {
        if (failedCause != 0) {
            port.hangUp(failedCause);
            return;
        }
        boolean replaced = link.circuit() != circuitId;
        link.up(circuitId, now);
        pages.home.begin();
        counters.circuitsUp++;
        if (replaced) {
            pages.allRemote();
        }
        // There is nothing left, unless home has accepted the call without a word about what came back.
        pages.loseKept(Cause.DATA_LOST);
        pages.written.newCircuit();
        pages.writeback.newCircuit(now);
        pages.askForWaiters(now);
    }

    /**
     * The owner was not found, not reached, or refused. A cause that may pass is tried again while somebody waits; but once
     * nobody has got through for a whole fault deadline, whoever waits fails with the attempt.
     */
    public void circuitFailed(int cause, long now) {
        link.failed(now);
        counters.circuitsFailed++;
        if (ClientLink.passes(cause)) {
            link.passingCause(cause);
            link.retryAt(now + settings.retryNs());
            if (link.outageLasts(now, settings.faultDeadlineNs())) {
                pages.failAll(cause);
            }
        } else {
            link.passingCause(0);
            pages.failAll(cause);
            pages.loseKept(cause);
        }
    }

    /**
     * The circuit is closed, or its lease has run out: every right is taken away, every copy dropped, written bytes are kept to
     * be handed back. Waiters stay.
     */
    public void circuitLost(int cause, long now) {
        if (link.state() == ClientLink.State.RESOLVING) {
            circuitFailed(cause, now);
        } else if (link.isUp()) {
            link.lost(now);
            counters.circuitsLost++;
            link.passingCause(ClientLink.passes(cause) ? cause : 0);
            pages.forgetCircuit();
            takingOperation = rights.revokeAll(now);
            counters.revokes += takingOperation == NONE ? 0 : 1;
            closeWhenEmpty(now);
        }
    }

    /** Sets the circuit up although nobody waits for a page. */
    public void connectNow(long now) {
        link.eager(true);
        if (link.state() == ClientLink.State.DOWN && failedCause == 0) {
            resolve(now);
        }
    }

    /** Pages have come and are about to be written into their frames. Null, or why the message cannot be valid. */
    public String arriving(int request, long first, int count, boolean exclusive) {
        return pages.asks.checkPages(request, first, count, exclusive);
    }

    /** The pages stand in their frames. {@code exclusive}: this host alone has them, and may write. */
    public void arrived(
            int request, long first, int count, int grantNumber, boolean last, boolean exclusive, long now) {
        String wrong = pages.asks.checkPages(request, first, count, exclusive);
        if (wrong != null) {
            throw new IllegalStateException(wrong);
        }
        pages.arrived(request, first, count, grantNumber, last, exclusive, now);
    }

    /** Home does not give the rest of a run at present. Null, or why the message cannot be valid. */
    public String declined(int request, long first, int count, int cause, long now) {
        String wrong = pages.asks.checkAnswer(request, first, count);
        if (wrong != null) {
            return wrong;
        }
        int r = pages.asks.requests.find(request);
        if (count != pages.asks.requests.left(r)) {
            return "a decline of " + count + " pages, but request " + request + " has " + pages.asks.requests.left(r)
                    + " left";
        }
        pages.declined(r, first, count, cause, now);
        return null;
    }

    /** Home wants to change the pages. It is answered exactly once, by {@link ClientPort#purged}. Null, or what is wrong. */
    public String purge(long first, int count, int operation, long now) {
        String wrong = geometry.checkRun(first, count);
        if (wrong == null && count != 1) {
            wrong = count + " pages, but every purge names one";
        }
        if (wrong == null) {
            wrong = checkDemand(first);
        }
        if (wrong == null && PageTable.hostState(table.entry(first)) == HostState.EXCLUSIVE) {
            wrong = "page " + first + " is held exclusively, so home has to recall it";
        }
        if (wrong != null) {
            return "purge: " + wrong;
        }
        counters.purges++;
        pages.revokes.owe(first, operation, null, now);
        return null;
    }

    private String checkDemand(long page) {
        if (!link.isUp()) {
            return "the circuit is not up";
        }
        return pages.revokes.owed.find(page) == Owed.NONE
                ? null
                : "home awaits an answer about page " + page + " already";
    }

    /** The copy of a page that is here may be written. Null, or why the message cannot be valid. */
    public String upgraded(int request, long page, int grantNumber, long now) {
        return pages.upgraded(request, page, grantNumber, now);
    }

    /** Home wants a page back that is written here. Answered exactly once, by {@link ClientPort#recalled}. */
    public String recall(long page, Right left, int operation, long now) {
        String wrong = settings.anyWriter() ? geometry.checkRun(page, 1) : "only home writes to this region";
        if (wrong == null && left == Right.WRITE) {
            wrong = "write access may be left";
        }
        if (wrong == null) {
            wrong = checkDemand(page);
        }
        if (wrong != null) {
            return "recall: " + wrong;
        }
        counters.recalls++;
        pages.revokes.owe(page, operation, left, now);
        return null;
    }

    /** Home has the bytes of these pages, or does not take them because of the cause. Null, or what is wrong. */
    public String acknowledged(long first, int count, int grantNumber, int cause, long now) {
        String wrong = geometry.checkRun(first, count);
        if (wrong == null) {
            wrong = pages.acknowledged(first, count, grantNumber, cause, now);
        }
        return wrong == null ? null : "acknowledgement: " + wrong;
    }

    /** Whether pages were written here whose bytes home has not acknowledged; they must be handed back with the next call. */
    public boolean keepsBytes() {
        return pages.written.keptCount() > 0;
    }

    /** Pages whose newest bytes may be at this host alone: given to writers, or on their way home and not acknowledged. */
    public int pagesNotHome() {
        return pages.writeback.notHome();
    }

    /** Whether written pages are here, or on their way home: the region must not be closed yet. */
    public boolean hasWritten() {
        return pagesNotHome() > 0;
    }

    /** Whether the page is one of {@link #pagesNotHome}. */
    public boolean isNotHome(long page) {
        return pages.written.isKept(page) || hostState(page) == HostState.EXCLUSIVE;
    }

    /** SETUP has been sent and {@link #keepsBytes}: {@link ClientPort#handBack} is called for every run. */
    public void handBack(long now) {
        pages.written.handBack();
    }

    /** Brings home what was written in these pages before the call; {@link ClientPort#flushed} answers, once. */
    public void flush(long first, int count, int token, long now) {
        String wrong = geometry.checkRun(first, count);
        if (wrong != null) {
            throw new IllegalArgumentException("flush: " + wrong);
        }
        pages.flush(first, count, token, now);
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
        if (link.isUp()) {
            pages.eviction.makeRoom(frames, now);
        }
    }

    /** Gives copies back to home, and written pages with their bytes. */
    public void drop(long first, int count, long now) {
        String wrong = geometry.checkRun(first, count);
        if (wrong != null) {
            throw new IllegalArgumentException("drop: " + wrong);
        }
        if (link.isUp()) {
            pages.revokes.take(first, count, Right.NONE, Withdrawals.Reason.DROP, now);
        }
    }

    /** The region is no more: every waiter and every later request fails with this cause. */
    public void fail(int cause, long now) {
        failedCause = cause;
        pages.failAll(cause);
        if (!link.isUp() && link.state() != ClientLink.State.CLOSING) {
            pages.loseKept(cause);
        }
        if (link.isUp()) {
            port.hangUp(cause);
            circuitLost(cause, now);
        }
    }

    /** A part of a long message has moved on the circuit: what home owes may be on its way. */
    public void moved(long now) {
        pages.moved(now);
    }

    /** Deadlines; called every 10 to 50 ms. */
    public void tick(long now) {
        pages.writeback.tick(now);
        if (stall.mayJudge(now)) {
            counters.fences += rights.tick(now);
            pages.tick(now);
            if (link.isUp() && pages.home.isLate(now)) {
                counters.hangUps++;
                port.hangUp(Cause.DEADLINE);
                circuitLost(Cause.DEADLINE, now);
            }
        }
        if (link.retryDue(now)) {
            if (link.isUp()) {
                pages.askForWaiters(now);
            } else if (link.state() == ClientLink.State.DOWN && isWanted()) {
                resolve(now);
            }
        }
    }

    private boolean isWanted() {
        return failedCause == 0 && (link.eager() || keepsBytes() || pages.queues.waiters() > 0);
    }

    private void resolve(long now) {
        link.resolving(now);
        port.resolve();
    }

    private void revokeAnswered(int operation, int left, long now) {
        if (left > 0) {
            return;
        }
        if (operation == takingOperation) {
            takingOperation = NONE;
        } else {
            pages.revokeAnswered(operation, now);
        }
        closeWhenEmpty(now);
    }

    /** Once nobody has any right, the copies are dropped; only then may a new circuit be set up (ARCHITECTURE.md, rule 1). */
    private void closeWhenEmpty(long now) {
        if (link.state() != ClientLink.State.CLOSING
                || takingOperation != NONE
                || pages.revokes.withdrawals.active() > 0) {
            return;
        }
        pages.dropAll();
        link.closed();
        if (failedCause != 0) {
            pages.loseKept(failedCause);
        }
        if (isWanted() && link.mayResolve(now, settings.retryNs())) {
            resolve(now);
        }
    }

    public boolean isUp() {
        return link.isUp();
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

    public PageTable table() {
        return table;
    }

    public ClientCounters counters() {
        return counters;
    }

    public Geometry geometry() {
        return geometry;
    }

    /** Requests of local threads that wait. */
    public int waiting() {
        return pages.queues.waiters();
    }

    /** Fetches home has not answered completely. */
    public int openRequests() {
        return pages.asks.requests.open();
    }

    /** Purges and recalls that wait for local processes or the disk. */
    public int waitingPurges() {
        return pages.revokes.owed.open();
    }

    /** Revokes no process has answered yet. */
    public int unansweredRevokes() {
        return rights.unanswered();
    }
}
