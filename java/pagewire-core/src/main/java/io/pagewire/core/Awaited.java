package io.pagewire.core;

import java.util.Arrays;

/**
 * Which hosts still owe an answer to the purge of which page: one pooled list a record, each host in it once.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Awaited {
    static final int NONE = -1;

    private final Pool pool = new Pool();
    private int[] slot = new int[0];
    private int[] next = new int[0];
    private int[] first = new int[0];

    /** Makes room for records below {@code capacity}, and empties the list of this one. */
    void open(int rec, int capacity) {
        if (first.length < capacity) {
            first = Arrays.copyOf(first, capacity);
        }
        first[rec] = NONE;
    }

    void add(int rec, int host) {
        int a = pool.take();
        if (a >= slot.length) {
            slot = Arrays.copyOf(slot, pool.capacity());
            next = Arrays.copyOf(next, pool.capacity());
        }
        slot[a] = host;
        next[a] = first[rec];
        first[rec] = a;
    }

    /** Strikes the host off; false when its answer is not awaited. */
    boolean settle(int rec, int host) {
        int previous = NONE;
        for (int a = first[rec]; a != NONE; previous = a, a = next[a]) {
            if (slot[a] == host) {
                if (previous == NONE) {
                    first[rec] = next[a];
                } else {
                    next[previous] = next[a];
                }
                pool.give(a);
                return true;
            }
        }
        return false;
    }

    boolean isEmpty(int rec) {
        return first[rec] == NONE;
    }

    /** The first entry of the list, or -1; then {@link #next} of it. */
    int first(int rec) {
        return first[rec];
    }

    int next(int a) {
        return next[a];
    }

    int host(int a) {
        return slot[a];
    }
}
