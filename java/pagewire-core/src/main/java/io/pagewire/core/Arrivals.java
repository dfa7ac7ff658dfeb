package io.pagewire.core;

import java.util.Arrays;

/**
 * When a part of a long message last moved between home and each of its hosts. A large page takes longer over a slow circuit than
 * an answer may be late, so what is late counts from then.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Arrivals {
    private long[] at = new long[0];
    private boolean[] any = new boolean[0];

    void moved(int slot, long now) {
        if (slot >= at.length) {
            at = Arrays.copyOf(at, slot + 1);
            any = Arrays.copyOf(any, slot + 1);
        }
        at[slot] = now;
        any[slot] = true;
    }

    /** {@code since}, or when a part last moved after that. */
    long latest(int slot, long since) {
        return slot < at.length && any[slot] && at[slot] - since > 0 ? at[slot] : since;
    }
}
