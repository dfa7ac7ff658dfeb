package io.pagewire.core;

import java.util.Arrays;

/**
 * Finds out that home keeps the circuit alive but answers no more: it owes an answer for longer than it may let a request wait.
 * What counts is progress, not the age of a request: over a slow circuit the answer to the last of many requests may come late.
 * Home owes one when nothing at all comes that is awaited, or when a request has been left behind by a later one.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomeWatch {
    private final Requests requests;
    private final WrittenPages written;
    private final long deadlineNs;
    private final long[] overtakenSince = new long[Requests.MOST];
    private final boolean[] overtaken = new boolean[Requests.MOST];
    private boolean owes;
    private long owesSince;
    private long cameBefore;

    HomeWatch(Requests requests, WrittenPages written, long deadlineNs) {
        this.requests = requests;
        this.written = written;
        this.deadlineNs = deadlineNs;
    }

    /** A new circuit: nothing is owed on it yet. */
    void begin() {
        owes = false;
        Arrays.fill(overtaken, false);
    }

    /** Looks at what is awaited; call it at every tick while the circuit is up. True when home owes an answer for too long. */
    boolean isLate(long now) {
        boolean late = nothingComes(now);
        for (int r = 0; r < Requests.MOST; r++) {
            boolean leftBehind = requests.isOvertaken(r);
            if (leftBehind && !overtaken[r]) {
                overtakenSince[r] = now;
            }
            overtaken[r] = leftBehind;
            late |= leftBehind && now - overtakenSince[r] >= deadlineNs;
        }
        return late;
    }

    private boolean nothingComes(long now) {
        long came = requests.answers() + written.answers();
        boolean awaits = requests.open() > 0 || written.keptCount() > 0;
        if (!owes || !awaits || came != cameBefore) {
            owesSince = now;
        }
        owes = awaits;
        cameBefore = came;
        return awaits && now - owesSince >= deadlineNs;
    }
}
