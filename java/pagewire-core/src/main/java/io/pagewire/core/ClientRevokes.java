package io.pagewire.core;

import io.pagewire.core.Withdrawals.Reason;

/**
 * Takes rights to pages of a client away from its processes, and then does what that was for: answers home, gives the pages up,
 * sends written bytes home. A page whose rights are being taken is busy: it is neither granted nor asked for until every process
 * has answered, and only then are its bytes read (ARCHITECTURE.md, rules 2, 5, 6 and 8).
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class ClientRevokes {
    private static final int NONE = -1;

    private final ClientPort port;
    private final LocalRights rights;
    private final PageTable table;
    private final ClientLink link;
    private final ClientCounters counters;
    private final ClientFrames frames;
    private final WrittenPages written;
    private final PageInts grants;

    final Withdrawals withdrawals = new Withdrawals();
    final Owed owed = new Owed();
    private final Cleanings cleanings;
    /** Pages that were given up and whose frames are not given back yet; none between two events. */
    private long droppedFirst;

    private int droppedCount;

    ClientRevokes(
            ClientPort port,
            LocalRights rights,
            PageTable table,
            ClientLink link,
            ClientCounters counters,
            ClientFrames frames,
            WrittenPages written,
            Cleanings cleanings,
            PageInts grants) {
        this.port = port;
        this.rights = rights;
        this.table = table;
        this.link = link;
        this.counters = counters;
        this.frames = frames;
        this.written = written;
        this.grants = grants;
        this.cleanings = cleanings;
    }

    /** Takes what can be taken of the run: pages that are here and not being taken already. */
    void take(long first, int count, Right left, Reason reason, long now) {
        long end = first + count;
        long page = first;
        while (page < end) {
            long from = page;
            int mask = 0;
            boolean more = false;
            while (page < end && mayTake(page, reason)) {
                long entry = table.entry(page);
                mask |= PageTable.mappings(entry);
                more |= PageTable.right(entry).compareTo(left) > 0;
                page++;
            }
            if (page > from) {
                takeRun(from, (int) (page - from), more ? mask : 0, left, reason, now);
            } else {
                page++;
            }
        }
        discardDropped();
    }

    boolean mayTake(long page, Reason reason) {
        long entry = table.entry(page);
        if (!PageTable.isReady(entry) || PageTable.isBusy(entry)) {
            return false;
        }
        return switch (reason) {
            case ANSWER -> true;
            case FLUSH, CLEAN -> PageTable.hostState(entry) == HostState.EXCLUSIVE;
            case DROP, COOL -> !PageTable.isUpgrading(entry);
        };
    }

    private void takeRun(long first, int count, int mask, Right left, Reason reason, long now) {
        for (long page = first; page < first + count; page++) {
            cleanings.spoil(page);
        }
        int operation = rights.revoke(mask, first, count, left, now);
        if (operation == NONE) {
            taken(first, count, left, reason, now);
            return;
        }
        counters.revokes++;
        for (long page = first; page < first + count; page++) {
            table.busy(page, true);
        }
        withdrawals.begin(operation, first, count, left, reason, now);
    }

    /** Every process has answered: the pages are free, and done with as the withdrawal wanted. */
    void answered(int operation, long now) {
        long first = withdrawals.first(operation);
        int count = withdrawals.count(operation);
        withdrawals.end(operation);
        for (long page = first; page < first + count; page++) {
            table.busy(page, false);
        }
        taken(first, count, withdrawals.left(operation), withdrawals.reason(operation), now);
        discardDropped();
    }

    private void taken(long first, int count, Right left, Reason reason, long now) {
        for (long page = first; page < first + count; page++) {
            if (PageTable.right(table.entry(page)).compareTo(left) > 0) {
                table.reduce(page, left);
            }
        }
        if (!link.isUp()) {
            return; // ClientPages.dropAll does the rest
        }
        switch (reason) {
            case DROP -> giveUp(first, count);
            case FLUSH -> writeBack(first, count, Right.READ);
            case COOL -> flushWhereWanted(first, count);
            case ANSWER, CLEAN -> {}
        }
        for (long page = first; page < first + count; page++) {
            answerOwed(page, now);
        }
    }

    /** Gives pages up that no process has a right to: copies are released, written bytes go home. */
    void giveUp(long first, int count) {
        long end = first + count;
        long page = first;
        while (page < end) {
            long from = page;
            HostState state = PageTable.hostState(table.entry(from));
            while (page < end && PageTable.hostState(table.entry(page)) == state) {
                page++;
            }
            if (state == HostState.EXCLUSIVE) {
                writeBack(from, (int) (page - from), Right.NONE);
            } else {
                release(from, (int) (page - from));
                for (long given = from; given < page; given++) {
                    vacate(given);
                }
            }
        }
    }

    private void flushWhereWanted(long first, int count) {
        for (long page = first; page < first + count; page++) {
            if (PageTable.hostState(table.entry(page)) == HostState.EXCLUSIVE && written.isFlushWanted(page)) {
                writeBack(page, 1, Right.READ);
            }
        }
    }

    /** Sends the bytes of pages home, a message for each run that came under one grant. */
    void writeBack(long first, int count, Right left) {
        int from = (int) first;
        int end = from + count;
        while (from < end) {
            int to = runUnderOneGrant(from, end);
            counters.pagesWrittenBack += to - from;
            port.writeBack(from, to - from, left, grants.get(from));
            for (int page = from; page < to; page++) {
                leaveWritten(page, left);
            }
            from = to;
        }
    }

    private int runUnderOneGrant(int from, int end) {
        int to = from + 1;
        while (to < end && grants.get(to) == grants.get(from)) {
            to++;
        }
        return to;
    }

    private void leaveWritten(long page, Right left) {
        written.keep(page);
        if (left == Right.READ) {
            table.exclusive(page, false);
        } else {
            vacate(page);
        }
    }

    /** One RELEASE for each run of pages that came in the same message; none when the circuit is gone meanwhile. */
    void release(long first, int count) {
        if (!link.isUp()) {
            return;
        }
        int from = (int) first;
        int end = from + count;
        while (from < end) {
            int to = runUnderOneGrant(from, end);
            counters.released += to - from;
            port.release(from, to - from, grants.get(from));
            from = to;
        }
    }

    /** The page is not here any more. What was asked for is still on its way; bytes that home may need stay in the frame. */
    void vacate(long page) {
        frames.forgetSector(page);
        if (PageTable.isUpgrading(table.entry(page))) {
            table.emptied(page);
        } else {
            table.remote(page, link.circuit());
            dropFrame(page);
        }
    }

    /** The page needs its frame no more, unless bytes are kept there or the disk works on it. */
    void dropFrame(long page) {
        if (written.isKept(page) || frames.isUnderWay(page) || !frames.free(page)) {
            return;
        }
        if (droppedCount > 0 && droppedFirst + droppedCount == page) {
            droppedCount++;
        } else {
            discardDropped();
            droppedFirst = page;
            droppedCount = 1;
        }
    }

    /** Gives frames back, after the messages about their pages: that takes a while, and somebody waits for those. */
    void discardDropped() {
        if (droppedCount > 0) {
            int count = droppedCount;
            droppedCount = 0;
            port.discard(droppedFirst, count);
            frames.given(count);
        }
    }

    /** Home awaits an answer about the page: {@code most} is what may be left after a recall, null for a purge. */
    void owe(long page, int operation, Right most, long now) {
        owed.add(page, operation, most);
        if (most != Right.READ && frames.isSpilling(page)) {
            // Nobody has a right, and what is being written counts for nothing: a slow disk need not hold home up.
            table.busy(page, false);
            vacate(page);
        }
        answerOwed(page, now);
        discardDropped();
    }

    /** Answers home if it awaits something about this page and nothing stands against it; else takes what does. */
    void answerOwed(long page, long now) {
        int o = owed.find(page);
        long entry = table.entry(page);
        if (o == Owed.NONE || PageTable.isBusy(entry)) {
            return;
        }
        Right most = owed.isRecall(o) ? owed.left(o) : Right.NONE;
        boolean here = PageTable.isReady(entry);
        if (here && PageTable.right(entry).compareTo(most) > 0) {
            take(page, 1, most, Reason.ANSWER, now);
            return;
        }
        int operation = owed.operation(o);
        boolean recall = owed.isRecall(o);
        owed.settled(page);
        if (recall && here && PageTable.hostState(entry) == HostState.EXCLUSIVE) {
            port.recalled(page, operation, most, true, grants.get(page));
            leaveWritten(page, most);
            return;
        }
        if (most == Right.NONE) {
            loseCopy(page);
        }
        if (recall) {
            boolean copy = most == Right.READ && (here || PageTable.isOnDisk(entry));
            port.recalled(page, operation, copy ? Right.READ : Right.NONE, false, 0);
        } else {
            counters.purgeAnswers++;
            port.purged(page, 1, operation);
        }
    }

    /** A page that is in progress has no copy, unless it is being read from the disk cache: then that counts for nothing. */
    private void loseCopy(long page) {
        long entry = table.entry(page);
        boolean fromDisk = PageTable.isInProgress(entry) && frames.isUnderWay(page);
        if (PageTable.isReady(entry) || PageTable.isOnDisk(entry) || fromDisk) {
            vacate(page);
        }
    }

    /** The circuit is gone: nobody waits for our answers. */
    void forgetCircuit() {
        owed.clear();
    }
}
