package io.pagewire.core;

import java.util.Arrays;

/**
 * What is under way on pages of a home region. At most one operation runs on a page: taking write access from local processes,
 * collecting answers to a purge, calling the page back from the host that writes it, or waiting for a disk. A page with an
 * operation or with waiters is busy.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomeOperations {
    static final int IDLE = 0;
    static final int REVOKING = 1;
    static final int PURGING = 2;
    static final int WARMING = 3;
    static final int RECALLING = 4;
    static final int LOADING = 5;
    static final int SPILLING = 6;

    private static final int NONE = -1;

    private final PageQueues queues;
    private final PageTable table;
    private int[] kind = new int[0];
    private int[] starter = new int[0];

    HomeOperations(PageQueues queues, PageTable table) {
        this.queues = queues;
        this.table = table;
    }

    /** The record of the page; a new one makes the page busy. */
    int open(long page) {
        int rec = queues.find(page);
        if (rec != NONE) {
            return rec;
        }
        rec = queues.open(page);
        if (rec >= kind.length) {
            kind = Arrays.copyOf(kind, queues.recordCapacity());
            starter = Arrays.copyOf(starter, queues.recordCapacity());
        }
        kind[rec] = IDLE;
        starter[rec] = NONE;
        table.busy(page, true);
        return rec;
    }

    int kind(int rec) {
        return kind[rec];
    }

    boolean isIdle(int rec) {
        return kind[rec] == IDLE;
    }

    /** The waiter for whose sake the operation was begun, or -1 when it does not wait any more. */
    int starter(int rec) {
        return starter[rec];
    }

    void begin(int rec, int operation, int waiter) {
        kind[rec] = operation;
        starter[rec] = waiter;
    }

    void end(int rec) {
        kind[rec] = IDLE;
        starter[rec] = NONE;
    }

    /** Removes a waiter; an operation it started goes on without it. */
    void forget(int w) {
        int rec = queues.record(w);
        if (starter[rec] == w) {
            starter[rec] = NONE;
        }
        queues.remove(w);
        closeIfIdle(rec);
    }

    void closeIfIdle(int rec) {
        if (kind[rec] == IDLE && queues.head(rec) == NONE) {
            table.busy(queues.page(rec), false);
            queues.close(rec);
        }
    }
}
