package io.pagewire.core;

/**
 * The fetches of a client that home has not answered completely: a bounded number, each with the page whose answer comes next.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Requests {
    static final int MOST = 64;

    /** Kept for pages that somebody waits for. */
    static final int WANTED_ONLY = 16;

    static final int NONE = -1;

    private final boolean[] open = new boolean[MOST];
    private final int[] id = new int[MOST];
    private final long[] first = new long[MOST];
    private final long[] next = new long[MOST];
    private final int[] left = new int[MOST];
    private final boolean[] ahead = new boolean[MOST];
    private final boolean[] writes = new boolean[MOST];
    /** A later request was answered to its end, so home has read this one. */
    private final boolean[] overtaken = new boolean[MOST];

    private int openCount;
    private long answers;
    private int generation;

    boolean isFull() {
        return openCount == MOST;
    }

    boolean hasRoomForReadAhead() {
        return openCount < MOST - WANTED_ONLY;
    }

    int open() {
        return openCount;
    }

    /** The number of a new request; there must be room. forNobody: it is read-ahead from its first page on. */
    int begin(long firstPage, int count, boolean forNobody) {
        return begin(firstPage, count, forNobody, false);
    }

    /** The number of a new request to write pages; there must be room. */
    int beginWriting(long firstPage, int count) {
        return begin(firstPage, count, false, true);
    }

    private int begin(long firstPage, int count, boolean forNobody, boolean toWrite) {
        int r = 0;
        while (open[r]) {
            r++;
        }
        open[r] = true;
        id[r] = ++generation * MOST | r;
        first[r] = firstPage;
        next[r] = firstPage;
        left[r] = count;
        ahead[r] = forNobody;
        writes[r] = toWrite;
        overtaken[r] = false;
        openCount++;
        return id[r];
    }

    /** Pages that were asked for to be written and have not come. */
    int pagesToWrite() {
        int pages = 0;
        for (int r = 0; r < MOST && openCount > 0; r++) {
            pages += open[r] && writes[r] ? left[r] : 0;
        }
        return pages;
    }

    /** The place of an open request with this number, or -1. */
    int find(int request) {
        int r = request & (MOST - 1);
        return open[r] && id[r] == request ? r : NONE;
    }

    long first(int r) {
        return first[r];
    }

    /** True when nobody waited for any of its pages when it was made. */
    boolean isAhead(int r) {
        return ahead[r];
    }

    /** True when the pages were asked for to be written. */
    boolean isWriting(int r) {
        return writes[r];
    }

    long next(int r) {
        return next[r];
    }

    int left(int r) {
        return left[r];
    }

    /** That many pages were answered; a request without any left is closed. */
    void answered(int r, int count) {
        answers++;
        next[r] += count;
        left[r] -= count;
        overtaken[r] = false;
        if (left[r] == 0) {
            open[r] = false;
            openCount--;
            for (int other = 0; other < MOST; other++) {
                overtaken[other] |= open[other] && id[other] - id[r] < 0;
            }
        }
    }

    /** A part of an answer has come, or of what stands before it. */
    void moved() {
        answers++;
    }

    /** Counts up with every answer, and with every part of one. */
    long answers() {
        return answers;
    }

    /** Whether it is open, and home has answered a later one to its end since anything of this one came. */
    boolean isOvertaken(int r) {
        return open[r] && overtaken[r];
    }

    void clear() {
        for (int r = 0; r < MOST; r++) {
            open[r] = false;
        }
        openCount = 0;
    }
}
