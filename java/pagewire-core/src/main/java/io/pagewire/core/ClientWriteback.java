package io.pagewire.core;

import io.pagewire.core.Withdrawals.Reason;

/**
 * Brings home in the background what was written at a client, so that an end, and a crash, have little to bring: pages that have
 * not been given to a writer for a while go home while nothing else wants the circuit; sooner the more of them there are; and with
 * too many of them nobody gets another page to write until one is home (ARCHITECTURE.md, Background writeback).
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class ClientWriteback {
    private static final long MS = 1_000_000L;

    /** A process that has not answered for so long is stopped, or has pinned the page: it is left alone. */
    private static final long PATIENCE_NS = 100 * MS;

    /** Writers are not held up any more when nothing has moved for so long. */
    private static final long STALLED_NS = 1_000 * MS;

    /** An agent takes in that many revokes and many more, so this never stands before one that somebody needs. */
    private static final int MOST_WITHDRAWALS = 16;

    private static final int RUN_BYTES = 256 << 10;
    private static final int LOOKS_AT_A_TIME = 16 << 10;

    private final WritebackSettings settings;
    private final PageTable table;
    private final LocalRights rights;
    private final ClientLink link;
    private final ClientCounters counters;
    private final PageQueues queues;
    private final WrittenPages written;
    private final ClientRevokes revokes;
    private final Cleanings cleanings;
    private final Requests requests;
    private final WritebackPace pace;
    private final long pages;
    private final int runPages;
    /** Null when nothing goes home by itself. */
    private final WriteTimes times;

    private long hand;
    /** All pages were looked at since the last tick, and none was old enough. */
    private boolean dry;

    private long movedAt;

    // How things stand while pages are being looked at.
    private boolean pressed;
    private boolean idle;
    private boolean expires;
    private double ageLeft;

    ClientWriteback(
            Geometry geometry,
            ClientSettings settings,
            PageTable table,
            LocalRights rights,
            ClientLink link,
            ClientCounters counters,
            PageQueues queues,
            WrittenPages written,
            ClientRevokes revokes,
            Cleanings cleanings,
            Requests requests) {
        this.settings = settings.writeback();
        this.table = table;
        this.rights = rights;
        this.link = link;
        this.counters = counters;
        this.queues = queues;
        this.written = written;
        this.revokes = revokes;
        this.cleanings = cleanings;
        this.requests = requests;
        this.pace = new WritebackPace(geometry);
        this.pages = geometry.pages();
        this.runPages = geometry.pagesIn(RUN_BYTES);
        this.times = settings.anyWriter() && this.settings.isOn() ? new WriteTimes(pages, this.settings) : null;
    }

    /** Pages whose newest bytes may be here alone. */
    int notHome() {
        return table.exclusivePages() + written.keptCount();
    }

    // ---- what happens to pages -----------------------------------------------------------------------------------

    /** Pages were given to a writer of this host. */
    void given(long first, int count, long now) {
        for (long page = first; times != null && page < first + count; page++) {
            boolean stolen = cleanings.spoil(page);
            counters.cleaningsSpoilt += stolen ? 1 : 0;
            times.written(page, stolen, now);
        }
    }

    /** The page is this host's alone; {@code upgraded}: of the copy that was here. */
    void came(long page, boolean upgraded, long now) {
        if (times != null && times.cameBack(page, upgraded, now)) {
            counters.cleaningsRegretted++;
            int rec = queues.find(page);
            pace.regret(rec == PageQueues.NONE ? 0 : now - queues.since(queues.head(rec)), now);
        }
    }

    /** Whether the page went home by itself and has not come back since; a copy may have stayed. */
    boolean wentHome(long page) {
        return times != null && times.isSentHome(page);
    }

    /** Home has said what became of the page's bytes. */
    void settled(long page, long now) {
        movedAt = now;
        pace.settled(page, now);
    }

    void newCircuit(long now) {
        pace.newCircuit();
        movedAt = now;
        hand = 0;
        dry = false;
    }

    // ---- writers -------------------------------------------------------------------------------------------------

    /**
     * How many more pages may be asked for to be written. When nothing moves, because a stopped program has it all, writers are
     * not held up: that would be for nothing.
     */
    int room(long now) {
        if (times == null) {
            return Integer.MAX_VALUE;
        }
        int left = settings.maxPages() - notHome() - requests.pagesToWrite();
        if (left <= 0) {
            goOn(now);
        }
        return left > 0 ? left : isMoving(now) ? 0 : Integer.MAX_VALUE;
    }

    /** When something last went home, or was about to: whoever waits for room has not waited for nothing before that. */
    long movedAt() {
        return movedAt;
    }

    private boolean isMoving(long now) {
        return written.keptCount() > 0 || requests.pagesToWrite() > 0 || now - movedAt < STALLED_NS;
    }

    // ---- going home ----------------------------------------------------------------------------------------------

    void tick(long now) {
        dry = false;
        goOn(now);
    }

    /** Begins with as many pages as may be under way. */
    void goOn(long now) {
        if (times == null || dry || !link.isUp() || table.exclusivePages() == 0) {
            return;
        }
        lookRound(now);
        if (!pressed && !idle && !expires) {
            return;
        }
        int room = pace.window() - written.keptCount() - revokes.withdrawals.cleaning(now, PATIENCE_NS);
        int looks = Math.min(table.exclusivePages(), LOOKS_AT_A_TIME);
        boolean all = looks == table.exclusivePages();
        boolean found = false;
        while (looks > 0 && room > 0 && revokes.withdrawals.cleanings(now, PATIENCE_NS) < MOST_WITHDRAWALS) {
            long page = table.nextExclusive(hand);
            if (page < 0) {
                break;
            }
            int count = run(page, Math.min(room, runPages), now);
            int passed = Math.max(1, count);
            hand = page + passed == pages ? 0 : page + passed;
            looks -= passed;
            room -= count;
            if (count > 0) {
                found = true;
                clean(page, count, now);
            }
        }
        dry = all && looks <= 0 && !found;
    }

    private void lookRound(long now) {
        int away = notHome();
        pressed = away > settings.backgroundPages();
        boolean still = !pressed && pace.isStill(now);
        idle = !still && queues.waiters() == 0 && requests.open() == 0 && revokes.owed.open() == 0;
        expires = !still;
        long left = Math.max(0, settings.maxPages() - away);
        long all = settings.maxPages() - settings.backgroundPages();
        ageLeft = pressed && all > 0 ? (double) left / all : 1;
    }

    private int run(long first, int most, long now) {
        int count = 0;
        while (count < most && first + count < pages && isDue(first + count, now)) {
            count++;
        }
        return count;
    }

    private boolean isDue(long page, long now) {
        long entry = table.entry(page);
        if (!revokes.mayTake(page, Reason.CLEAN) || cleanings.isAsked(page) || queues.find(page) != PageQueues.NONE) {
            return false;
        }
        long age = times.ageNs(page, now);
        boolean due = idle || pressed ? age >= ageLeft * times.dueAfterNs(page) : age >= settings.maxAgeNs();
        return due && !rights.takesItsTime(writers(entry), now, PATIENCE_NS);
    }

    private static int writers(long entry) {
        return PageTable.right(entry) == Right.WRITE ? PageTable.mappings(entry) : 0;
    }

    /**
     * Asks the writers of a run to stop, so that its bytes can go home. The pages are not busy meanwhile: nobody waits for this, so
     * nobody waits because of it.
     */
    private void clean(long first, int count, long now) {
        int mask = 0;
        for (long page = first; page < first + count; page++) {
            mask |= writers(table.entry(page));
            cleanings.begin(page);
        }
        movedAt = now;
        int operation = rights.revokeAtLeisure(mask, first, count, Right.READ, now);
        if (operation == LocalRights.NONE) {
            cleaned(first, count, now);
        } else {
            counters.revokes++;
            revokes.withdrawals.begin(operation, first, count, Right.READ, Reason.CLEAN, now);
        }
    }

    /** The writers have answered. */
    void answered(int operation, long now) {
        revokes.withdrawals.end(operation);
        cleaned(revokes.withdrawals.first(operation), revokes.withdrawals.count(operation), now);
        goOn(now);
    }

    /** What nobody can have written to since the writers were asked goes home. */
    private void cleaned(long first, int count, long now) {
        long end = first + count;
        long from = first;
        for (long page = first; page < end; page++) {
            if (!mayLeave(page)) {
                leave(from, page, now);
                from = page + 1;
            }
        }
        leave(from, end, now);
    }

    private boolean mayLeave(long page) {
        long entry = table.entry(page);
        boolean may = cleanings.end(page) && link.isUp() && revokes.mayTake(page, Reason.CLEAN);
        if (may && PageTable.right(entry) == Right.WRITE) {
            table.reduce(page, Right.READ);
        }
        return may;
    }

    private void leave(long from, long end, long now) {
        if (from == end) {
            return;
        }
        counters.pagesCleaned += end - from;
        pace.sent(from, now);
        for (long page = from; page < end; page++) {
            times.wentHome(page, now);
        }
        revokes.writeBack(from, (int) (end - from), Right.READ);
    }
}
