package io.pagewire.core;

import java.util.Arrays;

/**
 * Pages of a client whose rights are being taken from its processes, by the number of the revoke: which pages, down to what, and
 * why. A page belongs to at most one withdrawal.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Withdrawals {
    /** Why rights are taken. */
    enum Reason {
        /** Home awaits an answer about the page; {@link Owed} has it. */
        ANSWER,
        /** The page is given up by our own wish. */
        DROP,
        /** What was written must come home; a copy stays. */
        FLUSH,
        /** Nobody has used the page lately; it stays. */
        COOL
    }

    private int active;
    private int cooling;
    private long[] first = new long[8];
    private int[] count = new int[8];
    private Right[] left = new Right[8];
    private Reason[] reason = new Reason[8];
    private boolean[] open = new boolean[8];

    void begin(int operation, long firstPage, int pages, Right most, Reason why) {
        if (operation >= first.length) {
            int size = Math.max(operation + 1, first.length * 2);
            first = Arrays.copyOf(first, size);
            count = Arrays.copyOf(count, size);
            left = Arrays.copyOf(left, size);
            reason = Arrays.copyOf(reason, size);
            open = Arrays.copyOf(open, size);
        }
        first[operation] = firstPage;
        count[operation] = pages;
        left[operation] = most;
        reason[operation] = why;
        open[operation] = true;
        active++;
        cooling += why == Reason.COOL ? pages : 0;
    }

    void end(int operation) {
        if (!open[operation]) {
            throw new IllegalStateException("withdrawal " + operation + " ended twice");
        }
        open[operation] = false;
        active--;
        cooling -= reason[operation] == Reason.COOL ? count[operation] : 0;
    }

    int active() {
        return active;
    }

    /** Pages that are being taken because nobody has used them. */
    int cooling() {
        return cooling;
    }

    long first(int operation) {
        return first[operation];
    }

    int count(int operation) {
        return count[operation];
    }

    Right left(int operation) {
        return left[operation];
    }

    Reason reason(int operation) {
        return reason[operation];
    }
}
