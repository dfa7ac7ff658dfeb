package io.pagewire.core;

import java.util.Arrays;

/**
 * Bytes that were written at a client and that home has not acknowledged: they stay in their frames, whatever becomes of the
 * pages, and are handed back with the next call (ARCHITECTURE.md, rule 5). Also who waits for such bytes to be at home.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class WrittenPages {
    private final long pages;
    private final ClientPort port;
    private final ClientCounters counters;
    private final PageInts grants;
    /** Null where only home writes. */
    private final PageSet kept;

    private int keptCount;
    private int newestGrant;
    private long answers;

    private final Pool flushes = new Pool();
    private long[] first = new long[0];
    private long[] end = new long[0];
    private int[] token = new int[0];
    private int[] newest = new int[0];
    private int[] pending = new int[0];
    private int[] cause = new int[0];

    WrittenPages(long pages, boolean anyWriter, ClientPort port, ClientCounters counters, PageInts grants) {
        this.pages = pages;
        this.port = port;
        this.counters = counters;
        this.grants = grants;
        this.kept = anyWriter ? new PageSet(pages) : null;
    }

    boolean isKept(long page) {
        return kept != null && kept.has(page);
    }

    /** Counts up with every page of which home has the bytes, or will never have them. */
    long answers() {
        return answers;
    }

    int keptCount() {
        return keptCount;
    }

    /** The page's bytes have left, or will: until home has acknowledged them they stay. */
    void keep(long page) {
        if (!kept.has(page)) {
            kept.add(page);
            keptCount++;
        }
    }

    void granted(int grantNumber) {
        newestGrant = grantNumber;
    }

    /** The grant numbers of a new circuit have nothing to do with those before. */
    void newCircuit() {
        newestGrant = 0;
    }

    /** Null, or why these pages cannot be acknowledged. */
    String check(long firstPage, int count, int grantNumber) {
        for (long page = firstPage; page < firstPage + count; page++) {
            if (!isKept(page) || grants.get(page) != grantNumber) {
                return "page " + page + " was not sent home under grant " + grantNumber;
            }
        }
        return null;
    }

    /** Home has the bytes of a page, or will never take them because of the cause. */
    void settle(long page, int why) {
        answers++;
        kept.remove(page);
        keptCount--;
        counters.pagesLost += why == 0 ? 0 : 1;
        int grant = grants.get(page);
        for (int f = 0; f < flushes.limit(); f++) {
            if (flushes.isTaken(f) && covers(f, page, grant)) {
                cause[f] = cause[f] == 0 ? why : cause[f];
                if (--pending[f] == 0) {
                    finish(f);
                }
            }
        }
    }

    private boolean covers(int f, long page, int grant) {
        return page >= first[f] && page < end[f] && grant - newest[f] <= 0;
    }

    /** Whether somebody waits for what was written in this page, which is still this host's alone. */
    boolean isFlushWanted(long page) {
        for (int f = 0; f < flushes.limit(); f++) {
            if (flushes.isTaken(f) && covers(f, page, grants.get(page))) {
                return true;
            }
        }
        return false;
    }

    /** {@code open}: pages of the run that are written here or kept. */
    void awaitFlush(long firstPage, int count, int number, int open) {
        int f = flushes.take();
        if (f >= first.length) {
            int size = flushes.capacity();
            first = Arrays.copyOf(first, size);
            end = Arrays.copyOf(end, size);
            token = Arrays.copyOf(token, size);
            newest = Arrays.copyOf(newest, size);
            pending = Arrays.copyOf(pending, size);
            cause = Arrays.copyOf(cause, size);
        }
        first[f] = firstPage;
        end[f] = firstPage + count;
        token[f] = number;
        newest[f] = newestGrant;
        pending[f] = open;
        cause[f] = 0;
        if (open == 0) {
            finish(f);
        }
    }

    private void finish(int f) {
        flushes.give(f);
        port.flushed(token[f], cause[f]);
    }

    /** Hands all that is kept back, a message for each run that came under one grant. */
    void handBack() {
        for (long from = nextKept(0); from >= 0; ) {
            long to = from + 1;
            while (to < pages && kept.has(to) && grants.get(to) == grants.get(from)) {
                to++;
            }
            counters.pagesHandedBack += to - from;
            port.handBack(from, (int) (to - from), grants.get(from));
            from = nextKept(to);
        }
    }

    private long nextKept(long from) {
        return keptCount == 0 ? -1 : kept.nextBelow(from, pages);
    }

    /** The first page of which bytes are kept, -1 = none. */
    long firstKept() {
        return nextKept(0);
    }
}
