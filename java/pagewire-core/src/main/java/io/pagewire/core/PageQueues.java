package io.pagewire.core;

import java.util.Arrays;

/**
 * Who waits for which page: one queue in order of arrival for each page that somebody waits for, pooled in primitive arrays.
 * A page with a queue has a record, a small number that its owner may use as an index into arrays of its own.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class PageQueues {
    static final int NONE = -1;

    private final LongIndex index = new LongIndex();
    private final Pool records = new Pool();
    private long[] page = new long[0];
    private int[] head = new int[0];
    private int[] tail = new int[0];

    private final Pool waiters = new Pool();
    private int[] record = new int[0];
    private int[] before = new int[0];
    private int[] after = new int[0];
    private int[] kind = new int[0];
    private int[] owner = new int[0];
    private int[] line = new int[0];
    private int[] request = new int[0];
    private int[] count = new int[0];
    private long[] since = new long[0];

    int find(long wanted) {
        return index.get(wanted);
    }

    /** The record of the page, made if there was none. */
    int open(long wanted) {
        int found = index.get(wanted);
        if (found != LongIndex.NONE) {
            return found;
        }
        int made = records.take();
        if (made >= page.length) {
            int size = records.capacity();
            page = Arrays.copyOf(page, size);
            head = Arrays.copyOf(head, size);
            tail = Arrays.copyOf(tail, size);
        }
        page[made] = wanted;
        head[made] = NONE;
        tail[made] = NONE;
        index.put(wanted, made);
        return made;
    }

    /** Gives the record of a page back; nobody may wait there any more. */
    void close(int rec) {
        if (head[rec] != NONE) {
            throw new IllegalStateException("page " + page[rec] + " still has waiters");
        }
        index.remove(page[rec]);
        records.give(rec);
    }

    boolean isOpen(int rec) {
        return records.isTaken(rec);
    }

    /** All records have numbers below this one. */
    int recordLimit() {
        return records.limit();
    }

    int recordCapacity() {
        return records.capacity();
    }

    int recordsOpen() {
        return records.taken();
    }

    long page(int rec) {
        return page[rec];
    }

    int head(int rec) {
        return head[rec];
    }

    int next(int waiter) {
        return after[waiter];
    }

    /** Puts a waiter at the end of the queue. */
    int add(int rec, int kindOf, int ownerOf, int lineOf, int requestOf, int countOf, long now) {
        int w = take(rec, kindOf, ownerOf, lineOf, requestOf, countOf, now);
        before[w] = tail[rec];
        after[w] = NONE;
        if (tail[rec] == NONE) {
            head[rec] = w;
        } else {
            after[tail[rec]] = w;
        }
        tail[rec] = w;
        return w;
    }

    void remove(int w) {
        int rec = record[w];
        if (before[w] == NONE) {
            head[rec] = after[w];
        } else {
            after[before[w]] = after[w];
        }
        if (after[w] == NONE) {
            tail[rec] = before[w];
        } else {
            before[after[w]] = before[w];
        }
        waiters.give(w);
    }

    boolean isWaiting(int w) {
        return waiters.isTaken(w);
    }

    int waiterLimit() {
        return waiters.limit();
    }

    int waiters() {
        return waiters.taken();
    }

    int record(int w) {
        return record[w];
    }

    int kind(int w) {
        return kind[w];
    }

    /** The mapping slot of a local waiter, the host slot of a fetch. */
    int owner(int w) {
        return owner[w];
    }

    int line(int w) {
        return line[w];
    }

    int request(int w) {
        return request[w];
    }

    int count(int w) {
        return count[w];
    }

    long since(int w) {
        return since[w];
    }

    /** Whoever waits there for this kind of access has waited since then at the longest. */
    void waitsFrom(int rec, int kindOf, long from) {
        for (int w = head[rec]; w != NONE; w = after[w]) {
            if (kind[w] == kindOf && since[w] - from < 0) {
                since[w] = from;
            }
        }
    }

    private int take(int rec, int kindOf, int ownerOf, int lineOf, int requestOf, int countOf, long now) {
        int w = waiters.take();
        if (w >= record.length) {
            int size = waiters.capacity();
            record = Arrays.copyOf(record, size);
            before = Arrays.copyOf(before, size);
            after = Arrays.copyOf(after, size);
            kind = Arrays.copyOf(kind, size);
            owner = Arrays.copyOf(owner, size);
            line = Arrays.copyOf(line, size);
            request = Arrays.copyOf(request, size);
            count = Arrays.copyOf(count, size);
            since = Arrays.copyOf(since, size);
        }
        record[w] = rec;
        kind[w] = kindOf;
        owner[w] = ownerOf;
        line[w] = lineOf;
        request[w] = requestOf;
        count[w] = countOf;
        since[w] = now;
        return w;
    }
}
