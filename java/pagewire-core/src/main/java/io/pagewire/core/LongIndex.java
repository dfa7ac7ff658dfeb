package io.pagewire.core;

import java.util.Arrays;

/**
 * A hash map from a long to a small number, in primitive arrays: open addressing, linear probing, deletion by moving the
 * followers up. It allocates only when it grows.
 *
 * <p>Not thread-safe.
 */
final class LongIndex {
    static final int NONE = -1;

    private long[] keys = new long[16];
    private int[] values = new int[16];
    private int size;

    LongIndex() {
        Arrays.fill(values, NONE);
    }

    int get(long key) {
        int mask = values.length - 1;
        for (int i = spread(key) & mask; values[i] != NONE; i = (i + 1) & mask) {
            if (keys[i] == key) {
                return values[i];
            }
        }
        return NONE;
    }

    /** The key must not be there yet. */
    void put(long key, int value) {
        if (size * 2 >= values.length) {
            grow();
        }
        place(key, value);
        size++;
    }

    void remove(long key) {
        int mask = values.length - 1;
        int hole = spread(key) & mask;
        while (values[hole] == NONE || keys[hole] != key) {
            if (values[hole] == NONE) {
                return;
            }
            hole = (hole + 1) & mask;
        }
        for (int i = (hole + 1) & mask; values[i] != NONE; i = (i + 1) & mask) {
            int wish = spread(keys[i]) & mask;
            // An entry may move up only if its own place is not after the hole.
            if (((i - wish) & mask) >= ((i - hole) & mask)) {
                keys[hole] = keys[i];
                values[hole] = values[i];
                hole = i;
            }
        }
        values[hole] = NONE;
        size--;
    }

    int size() {
        return size;
    }

    private void place(long key, int value) {
        int mask = values.length - 1;
        int i = spread(key) & mask;
        while (values[i] != NONE) {
            i = (i + 1) & mask;
        }
        keys[i] = key;
        values[i] = value;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new int[oldKeys.length * 2];
        Arrays.fill(values, NONE);
        for (int i = 0; i < oldValues.length; i++) {
            if (oldValues[i] != NONE) {
                place(oldKeys[i], oldValues[i]);
            }
        }
    }

    private static int spread(long key) {
        long h = key * 0x9E3779B97F4A7C15L;
        return (int) (h >>> 32);
    }
}
