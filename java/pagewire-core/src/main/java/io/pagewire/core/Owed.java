package io.pagewire.core;

import java.util.Arrays;

/**
 * Answers that home awaits about pages which cannot be given up at once: at most one a page, because home does one thing at a
 * time with a page.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Owed {
    static final int NONE = -1;

    private LongIndex index = new LongIndex();
    private final Pool pool = new Pool();
    private int[] operation = new int[0];
    /** What may be left of the page; null for a purge. */
    private Right[] left = new Right[0];

    /** The answer that is owed for the page, or -1. */
    int find(long page) {
        return index.get(page);
    }

    /** Home awaits the answer to a purge ({@code most} null) or to a recall. */
    void add(long page, int number, Right most) {
        int o = pool.take();
        if (o >= operation.length) {
            operation = Arrays.copyOf(operation, pool.capacity());
            left = Arrays.copyOf(left, pool.capacity());
        }
        operation[o] = number;
        left[o] = most;
        index.put(page, o);
    }

    int operation(int o) {
        return operation[o];
    }

    boolean isRecall(int o) {
        return left[o] != null;
    }

    Right left(int o) {
        return left[o];
    }

    void settled(long page) {
        pool.give(index.get(page));
        index.remove(page);
    }

    int open() {
        return pool.taken();
    }

    /** The circuit is lost: nobody waits for these answers any more. */
    void clear() {
        index = new LongIndex();
        for (int o = 0; o < pool.limit(); o++) {
            if (pool.isTaken(o)) {
                pool.give(o);
            }
        }
    }
}
