package io.pagewire.core;

import java.util.Arrays;

/**
 * Takes pages back from the hosts that hold copies, before somebody may write. Every purge has a number, and is over
 * when each host that was asked has answered or is gone (ARCHITECTURE.md, rules 2 and 3).
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomePurges {
    private static final int NONE = -1;

    private final HomePort port;
    private final PageQueues queues;
    private final HomeOperations operations;
    private final Copies copies;
    private final HomeCounters counters;
    private final Arrivals arrivals;
    private final Awaited awaited = new Awaited();
    private int[] number = new int[0];
    private long[] since = new long[0];
    private int[] spared = new int[0];
    private int newestNumber;

    HomePurges(
            HomePort port,
            PageQueues queues,
            HomeOperations operations,
            Copies copies,
            HomeCounters counters,
            Arrivals arrivals) {
        this.arrivals = arrivals;
        this.port = port;
        this.queues = queues;
        this.operations = operations;
        this.copies = copies;
        this.counters = counters;
    }

    /**
     * Asks everybody who has a copy, but for one host (-1 = none), for the sake of a waiter. False when nobody needs to be asked,
     * and then nobody else has one.
     */
    boolean start(int rec, int waiter, int spare, long now) {
        if (rec >= number.length) {
            number = Arrays.copyOf(number, queues.recordCapacity());
            spared = Arrays.copyOf(spared, queues.recordCapacity());
            since = Arrays.copyOf(since, queues.recordCapacity());
        }
        awaited.open(rec, number.length);
        long page = queues.page(rec);
        newestNumber++;
        for (int slot = 0; slot < copies.limit(); slot++) {
            if (slot != spare && copies.isJoined(slot) && copies.isCoherent(slot) && copies.holds(page, slot)) {
                awaited.add(rec, slot);
                counters.purges++;
                port.purge(slot, page, 1, newestNumber);
            }
        }
        if (awaited.isEmpty(rec)) {
            copies.keepOnly(page, spare);
            return false;
        }
        operations.begin(rec, HomeOperations.PURGING, waiter);
        number[rec] = newestNumber;
        spared[rec] = spare;
        since[rec] = now;
        return true;
    }

    private boolean isPurging(int rec) {
        return rec != NONE && queues.isOpen(rec) && operations.kind(rec) == HomeOperations.PURGING;
    }

    /** A host answers purge {@code answered}; false when that is not awaited from it. */
    boolean answer(int rec, int slot, int answered) {
        if (!isPurging(rec) || number[rec] != answered || !awaited.settle(rec, slot)) {
            return false;
        }
        counters.purgeAnswers++;
        return true;
    }

    /** What the host owed for this page, if anything, counts as given. True when it owed something. */
    boolean giveUp(int rec, int slot) {
        if (!isPurging(rec) || !awaited.settle(rec, slot)) {
            return false;
        }
        counters.purgesGivenUp++;
        return true;
    }

    /** Ends the purge if nobody is awaited any more; true when it is over. */
    boolean finish(int rec) {
        if (!awaited.isEmpty(rec)) {
            return false;
        }
        copies.keepOnly(queues.page(rec), spared[rec]);
        operations.end(rec);
        return true;
    }

    /** Hangs up on hosts that owe an answer for longer than home's deadline. */
    void tick(long now, long homeDeadlineNs) {
        for (int rec = 0; rec < queues.recordLimit(); rec++) {
            if (isPurging(rec) && now - since[rec] >= homeDeadlineNs) {
                hangUp(rec, now, homeDeadlineNs);
            }
        }
    }

    private void hangUp(int rec, long now, long homeDeadlineNs) {
        long began = since[rec];
        for (int a = awaited.first(rec); a != NONE; a = awaited.next(a)) {
            if (now - arrivals.latest(awaited.host(a), began) >= homeDeadlineNs) {
                since[rec] = now;
                counters.hangUps++;
                port.hangUp(awaited.host(a), Cause.DEADLINE);
            }
        }
    }

    /** {@code since}, or when something last came of the purge that is under way for this page. */
    long latest(int rec, long from) {
        long newest = from;
        if (isPurging(rec)) {
            for (int a = awaited.first(rec); a != NONE; a = awaited.next(a)) {
                newest = arrivals.latest(awaited.host(a), newest);
            }
        }
        return newest;
    }
}
