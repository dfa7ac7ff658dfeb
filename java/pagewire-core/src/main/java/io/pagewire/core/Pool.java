package io.pagewire.core;

import java.util.Arrays;

/**
 * Hands out small numbers and takes them back; the lowest-level piece of every pooled structure here. It allocates only when
 * more numbers are out than ever before.
 *
 * <p>Not thread-safe.
 */
final class Pool {
    private boolean[] taken = new boolean[16];
    private int[] free = new int[16];
    private int freeCount;
    private int limit;

    int take() {
        int number;
        if (freeCount > 0) {
            number = free[--freeCount];
        } else {
            number = limit++;
            if (number == taken.length) {
                taken = Arrays.copyOf(taken, number * 2);
                free = Arrays.copyOf(free, number * 2);
            }
        }
        taken[number] = true;
        return number;
    }

    void give(int number) {
        if (!taken[number]) {
            throw new IllegalStateException("number " + number + " was given back twice");
        }
        taken[number] = false;
        free[freeCount++] = number;
    }

    boolean isTaken(int number) {
        return number >= 0 && number < limit && taken[number];
    }

    int taken() {
        return limit - freeCount;
    }

    /** Every number ever handed out lies below this. */
    int limit() {
        return limit;
    }

    int capacity() {
        return taken.length;
    }
}
