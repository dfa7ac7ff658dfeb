package io.pagewire.core;

import java.util.Arrays;

/**
 * Pages of a client that are being taken from its processes, and the purges that wait for that. A page belongs to at most one
 * withdrawal; a purge that comes meanwhile joins it.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Withdrawals {
    static final int NONE = -1;

    private int active;
    private long[] first = new long[8];
    private int[] count = new int[8];
    private boolean[] release = new boolean[8];
    private boolean[] open = new boolean[8];

    private final Pool purges = new Pool();
    private long[] purgeFirst = new long[8];
    private int[] purgeCount = new int[8];
    private int[] purgeOperation = new int[8];
    private int[] purgePending = new int[8];

    /** The withdrawal goes by the number of its revoke operation. */
    void begin(int operation, long firstPage, int pages, boolean tellHome) {
        if (operation >= first.length) {
            int size = Math.max(operation + 1, first.length * 2);
            first = Arrays.copyOf(first, size);
            count = Arrays.copyOf(count, size);
            release = Arrays.copyOf(release, size);
            open = Arrays.copyOf(open, size);
        }
        first[operation] = firstPage;
        count[operation] = pages;
        release[operation] = tellHome;
        open[operation] = true;
        active++;
    }

    void end(int operation) {
        if (!open[operation]) {
            throw new IllegalStateException("withdrawal " + operation + " ended twice");
        }
        open[operation] = false;
        active--;
    }

    int active() {
        return active;
    }

    long first(int operation) {
        return first[operation];
    }

    int count(int operation) {
        return count[operation];
    }

    boolean release(int operation) {
        return release[operation];
    }

    /** A purge has to wait until {@code pending} of its pages are free. */
    void await(long firstPage, int pages, int operation, int pending) {
        int p = purges.take();
        if (p >= purgeFirst.length) {
            int size = purges.capacity();
            purgeFirst = Arrays.copyOf(purgeFirst, size);
            purgeCount = Arrays.copyOf(purgeCount, size);
            purgeOperation = Arrays.copyOf(purgeOperation, size);
            purgePending = Arrays.copyOf(purgePending, size);
        }
        purgeFirst[p] = firstPage;
        purgeCount[p] = pages;
        purgeOperation[p] = operation;
        purgePending[p] = pending;
    }

    /** The run is free: a purge that has nothing left to wait for is answered and forgotten. */
    int freed(long firstPage, int pages, ClientPort port) {
        int answered = 0;
        for (int p = 0; p < purges.limit(); p++) {
            if (purges.isTaken(p)) {
                long from = Math.max(firstPage, purgeFirst[p]);
                long to = Math.min(firstPage + pages, purgeFirst[p] + purgeCount[p]);
                if (from < to) {
                    purgePending[p] -= (int) (to - from);
                    if (purgePending[p] == 0) {
                        purges.give(p);
                        answered++;
                        port.purged(purgeFirst[p], purgeCount[p], purgeOperation[p]);
                    }
                }
            }
        }
        return answered;
    }

    int purgesWaiting() {
        return purges.taken();
    }

    /** The circuit is lost: nobody waits for these answers any more. */
    void forgetPurges() {
        for (int p = 0; p < purges.limit(); p++) {
            if (purges.isTaken(p)) {
                purges.give(p);
            }
        }
    }
}
