package io.pagewire.core;

import java.util.Arrays;

/**
 * Pages of a client whose rights are being taken from its processes, by the number of the revoke: which pages, down to what, and
 * why. A page belongs to at most one withdrawal, and one for cleaning beside it.
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
        COOL,
        /** What was written is to come home although nobody waits for it; the page goes on being granted. */
        CLEAN
    }

    private int active;
    private int cooling;
    private int cleanings;
    private long[] first = new long[8];
    private int[] count = new int[8];
    private Right[] left = new Right[8];
    private Reason[] reason = new Reason[8];
    private boolean[] open = new boolean[8];
    private long[] since = new long[8];

    void begin(int operation, long firstPage, int pages, Right most, Reason why, long now) {
        if (operation >= first.length) {
            int size = Math.max(operation + 1, first.length * 2);
            first = Arrays.copyOf(first, size);
            count = Arrays.copyOf(count, size);
            left = Arrays.copyOf(left, size);
            reason = Arrays.copyOf(reason, size);
            open = Arrays.copyOf(open, size);
            since = Arrays.copyOf(since, size);
        }
        first[operation] = firstPage;
        count[operation] = pages;
        left[operation] = most;
        reason[operation] = why;
        open[operation] = true;
        since[operation] = now;
        active++;
        cooling += why == Reason.COOL ? pages : 0;
        cleanings += why == Reason.CLEAN ? 1 : 0;
    }

    void end(int operation) {
        if (!open[operation]) {
            throw new IllegalStateException("withdrawal " + operation + " ended twice");
        }
        open[operation] = false;
        active--;
        cooling -= reason[operation] == Reason.COOL ? count[operation] : 0;
        cleanings -= reason[operation] == Reason.CLEAN ? 1 : 0;
    }

    int active() {
        return active;
    }

    /** Pages that are being taken because nobody has used them. */
    int cooling() {
        return cooling;
    }

    /** Withdrawals for cleaning that are not older than that. */
    int cleanings(long now, long ns) {
        int young = 0;
        for (int i = 0; cleanings > 0 && i < open.length; i++) {
            young += open[i] && reason[i] == Reason.CLEAN && now - since[i] < ns ? 1 : 0;
        }
        return young;
    }

    /** Pages in those. */
    int cleaning(long now, long ns) {
        int young = 0;
        for (int i = 0; cleanings > 0 && i < open.length; i++) {
            young += open[i] && reason[i] == Reason.CLEAN && now - since[i] < ns ? count[i] : 0;
        }
        return young;
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
