package io.pagewire.core;

import java.util.Arrays;

/**
 * Pages that another host holds exclusively: calling them back, taking their bytes home, and what becomes of them when their
 * holder is gone (ARCHITECTURE.md, rules 2 to 5).
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomeRecalls {
    private static final int NONE = -1;

    private final Geometry geometry;
    private final HomePort port;
    private final PageQueues queues;
    private final HomeOperations operations;
    private final PageTable table;
    private final Copies copies;
    private final HomeFrames frames;
    private final HomeCounters counters;
    private final Arrivals arrivals;
    private int[] number = new int[0];
    private int[] asked = new int[0];
    private long[] since = new long[0];
    private int newestNumber;
    private int away;
    /** Pages whose bytes could not be stored, while a host may have a copy with these bytes; null until there was one. */
    private PageSet unstored;

    /** Hosts that sent bytes which could not be stored, now or in an earlier life of home, by slot. */
    private boolean[] doubtful = new boolean[0];

    /** Pages that were taken from each host while it was absent, by slot; null for none. */
    private PageSet[] forfeits = new PageSet[0];

    HomeRecalls(
            Geometry geometry,
            HomePort port,
            PageQueues queues,
            HomeOperations operations,
            PageTable table,
            Copies copies,
            HomeFrames frames,
            HomeCounters counters,
            Arrivals arrivals) {
        this.geometry = geometry;
        this.port = port;
        this.queues = queues;
        this.operations = operations;
        this.table = table;
        this.copies = copies;
        this.frames = frames;
        this.counters = counters;
        this.arrivals = arrivals;
    }

    /** The pages have left for the host, which alone has them from now on. */
    void gave(int slot, long first, int count) {
        copies.given(slot, first, count);
        for (long page = first; page < first + count; page++) {
            table.remote(page, copies.circuit(slot));
        }
        away += count;
    }

    /** A host of an earlier life of home held this page. */
    void heldBefore(int slot, long page, int grantNumber) {
        copies.heldBefore(slot, page, grantNumber);
        table.remote(page, copies.circuit(slot));
        away++;
    }

    /** Some of what the host handed back, or may hand back, was refused before: what it does not hold need not be at home. */
    void doubt(int slot) {
        if (slot >= doubtful.length) {
            doubtful = Arrays.copyOf(doubtful, slot + 1);
        }
        doubtful[slot] = true;
    }

    /** Pages that other hosts hold exclusively. */
    int away() {
        return away;
    }

    /** Asks the holder for the page, for the sake of a waiter. */
    void start(int rec, int waiter, Right left, long now) {
        if (rec >= number.length) {
            number = Arrays.copyOf(number, queues.recordCapacity());
            asked = Arrays.copyOf(asked, queues.recordCapacity());
            since = Arrays.copyOf(since, queues.recordCapacity());
        }
        long page = queues.page(rec);
        int holder = copies.holder(page);
        operations.begin(rec, HomeOperations.RECALLING, waiter);
        number[rec] = ++newestNumber;
        asked[rec] = holder;
        since[rec] = now;
        counters.recalls++;
        port.recall(holder, page, left, newestNumber);
    }

    private boolean isRecalling(int rec) {
        return rec != NONE && queues.isOpen(rec) && operations.kind(rec) == HomeOperations.RECALLING;
    }

    /** Null when this is the answer to the recall that is under way, which is over then; or why it cannot be. */
    String answered(int rec, int slot, long page, int operation, Right left, boolean bytes, int grantNumber) {
        if (!isRecalling(rec) || number[rec] != operation || asked[rec] != slot) {
            return "an answer to recall " + operation + " of page " + page + ", which is not awaited from this host";
        }
        if (bytes) {
            String wrong = wroteBack(slot, page, 1, left, grantNumber);
            if (wrong != null) {
                return wrong;
            }
        } else if (copies.holder(page) == slot) {
            return "no bytes of page " + page + ", which this host holds";
        } else if (left == Right.NONE) {
            copies.remove(page, slot);
        }
        counters.recallAnswers++;
        operations.end(rec);
        return null;
    }

    /** Null when the bytes were taken home, or why the message cannot be valid. */
    String wroteBack(int slot, long first, int count, Right left, int grantNumber) {
        for (long page = first; page < first + count; page++) {
            if (!isCurrent(slot, page, grantNumber)) {
                return "bytes of page " + page + " under grant " + grantNumber + ", which this host does not hold";
            }
        }
        takeHome(slot, first, count, grantNumber);
        for (long page = first; page < first + count && left == Right.READ; page++) {
            copies.add(page, slot);
        }
        return null;
    }

    /** What becomes of bytes that are handed back. */
    private enum Verdict {
        /** The host is the holder still. */
        TAKEN,
        /** They have come home before, and only the acknowledgement was lost. */
        HOME_ALREADY,
        TOO_LATE
    }

    /**
     * Bytes that a host hands back count as far as it is still the holder. What it does not hold any more, though it was neither
     * given up since nor forfeited, has come home before. The rest is refused, and the host tells who waits.
     */
    void handedBack(int slot, long first, int count, int grantNumber) {
        long page = first;
        long end = first + count;
        while (page < end) {
            long from = page;
            Verdict verdict = verdict(slot, page, grantNumber);
            while (page < end && verdict(slot, page, grantNumber) == verdict) {
                page++;
            }
            if (verdict == Verdict.TAKEN) {
                takeHome(slot, from, (int) (page - from), grantNumber);
            } else {
                int cause = verdict == Verdict.HOME_ALREADY ? 0 : Cause.DATA_LOST;
                port.acknowledge(slot, from, (int) (page - from), grantNumber, cause);
            }
        }
    }

    private Verdict verdict(int slot, long page, int grantNumber) {
        if (isCurrent(slot, page, grantNumber)) {
            return Verdict.TAKEN;
        }
        boolean stored = copies.gaveSinceJoined(slot, grantNumber) && !isDoubtful(slot) && !hasForfeited(slot, page);
        return stored ? Verdict.HOME_ALREADY : Verdict.TOO_LATE;
    }

    private boolean isCurrent(int slot, long page, int grantNumber) {
        return copies.isKnown(slot) && copies.holder(page) == slot && copies.grantNumber(page) == grantNumber;
    }

    private boolean hasForfeited(int slot, long page) {
        return slot < forfeits.length && forfeits[slot] != null && forfeits[slot].has(page);
    }

    /** Somebody needs a page that an absent host holds: from now on it is what home has, whatever that host may still bring. */
    void forfeit(long page) {
        int slot = copies.holder(page);
        if (slot >= forfeits.length) {
            forfeits = Arrays.copyOf(forfeits, slot + 1);
        }
        if (forfeits[slot] == null) {
            forfeits[slot] = new PageSet(geometry.pages());
        }
        forfeits[slot].add(page);
        tellLost(page, 1, slot, true);
        comeHome(page, 1);
    }

    private void takeHome(int slot, long first, int count, int grantNumber) {
        for (long page = first; page < first + count; page++) {
            frames.storing(page);
        }
        int cause = port.store(first, count);
        for (long page = first; page < first + count; page++) {
            frames.stored(page, cause == 0);
        }
        if (cause == 0) {
            comeHome(first, count);
            port.acknowledge(slot, first, count, grantNumber, 0);
            counters.pagesWrittenBack += count;
        } else {
            port.acknowledge(slot, first, count, grantNumber, cause);
            counters.pagesLost += count;
            rememberUnstored(slot, first, count);
            port.lost(first, count, slot);
            comeHome(first, count);
        }
    }

    private void rememberUnstored(int slot, long first, int count) {
        if (unstored == null) {
            unstored = new PageSet(geometry.pages());
        }
        for (long page = first; page < first + count; page++) {
            unstored.add(page);
        }
        doubt(slot);
    }

    private boolean isDoubtful(int slot) {
        return slot < doubtful.length && doubtful[slot];
    }

    boolean hasUnstored() {
        return unstored != null;
    }

    /** True once, when a host may have a copy of this page with bytes that home has not. */
    boolean wasUnstored(long page) {
        if (unstored == null || !unstored.has(page)) {
            return false;
        }
        unstored.remove(page);
        return true;
    }

    private void comeHome(long first, int count) {
        for (long page = first; page < first + count; page++) {
            copies.takenHome(page);
            frames.cameHome(page);
        }
        away -= count;
        port.home(first, count);
    }

    /** Takes what the host holds home as it is here; {@code written}: the host had it, and its bytes will not come any more. */
    void giveUp(int slot, boolean written) {
        if (slot < forfeits.length) {
            forfeits[slot] = null;
        }
        if (isDoubtful(slot)) {
            doubtful[slot] = false;
        }
        long lostFirst = 0;
        int lostCount = 0;
        for (long page = 0; page < geometry.pages() && away > 0; page++) {
            if (copies.holder(page) == slot) {
                comeHome(page, 1);
                if (lostCount > 0 && lostFirst + lostCount == page) {
                    lostCount++;
                } else {
                    tellLost(lostFirst, lostCount, slot, written);
                    lostFirst = page;
                    lostCount = 1;
                }
            }
        }
        tellLost(lostFirst, lostCount, slot, written);
    }

    private void tellLost(long first, int count, int slot, boolean written) {
        if (written && count > 0) {
            counters.pagesLost += count;
            port.lost(first, count, slot);
        }
    }

    /** The answer that the host owes for this page, if any, counts as given. True when the page is idle again. */
    boolean giveUpAnswer(int rec, int slot) {
        if (!isRecalling(rec) || asked[rec] != slot) {
            return false;
        }
        counters.recallsGivenUp++;
        operations.end(rec);
        return true;
    }

    /** {@code since}, or when something last came of the recall that is under way for this page. */
    long latest(int rec, long from) {
        return isRecalling(rec) ? arrivals.latest(asked[rec], from) : from;
    }

    /** Hangs up on hosts that owe an answer for longer than home's deadline. */
    void tick(long now, long homeDeadlineNs) {
        for (int rec = 0; rec < queues.recordLimit(); rec++) {
            if (isRecalling(rec) && now - latest(rec, since[rec]) >= homeDeadlineNs) {
                since[rec] = now;
                counters.hangUps++;
                port.hangUp(asked[rec], Cause.DEADLINE);
            }
        }
    }
}
