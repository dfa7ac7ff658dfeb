package io.pagewire.core;

import java.util.Arrays;

/**
 * The mappings of one region on this host: their sequence numbers, their unanswered revokes, their deadlines. Both sides use
 * it. Every grant and every revoke of a mapping takes that mapping's next number, so that handler and agent can tell which
 * came later.
 *
 * <p>A mapping that misses the revoke deadline is fenced, once; from then on its answers count for nothing, only its end does.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class LocalRights {
    /** Told about every answered revoke of an operation. */
    interface Owner {
        /** One mapping has answered; {@code left} more answers are to come. */
        void revokeAnswered(int operation, int left, long now);
    }

    static final int NONE = -1;

    private final LocalPort port;
    private final long deadlineNs;
    private final Owner owner;
    private final Streams streams;

    private final LongIndex slots = new LongIndex();
    private final Pool slotPool = new Pool();
    private int[] mapping = new int[0];
    private long[] sequence = new long[0];
    private Right[] highest = new Right[0];
    private boolean[] mayHold = new boolean[0];
    private boolean[] mayWrite = new boolean[0];
    private boolean[] fenced = new boolean[0];
    private int[] firstRevoke = new int[0];

    private final Pool revokePool = new Pool();
    private int[] revokeNext = new int[0];
    private int[] revokeOperation = new int[0];
    private long[] revokeSequence = new long[0];
    private long[] revokeSince = new long[0];
    private boolean[] revokeAtLeisure = new boolean[0];
    private int unansweredAtLeisure;

    private final Pool operationPool = new Pool();
    private int[] operationLeft = new int[0];

    LocalRights(LocalPort port, long deadlineNs, Owner owner, int largestRun) {
        this.port = port;
        this.deadlineNs = deadlineNs;
        this.owner = owner;
        this.streams = new Streams(largestRun);
    }

    int open(int id, Right most, boolean startsWithRights) {
        if (slots.get(id) != LongIndex.NONE) {
            throw new IllegalStateException("mapping " + id + " is open already");
        }
        int slot = slotPool.take();
        if (slot >= mapping.length) {
            int size = slotPool.capacity();
            mapping = Arrays.copyOf(mapping, size);
            sequence = Arrays.copyOf(sequence, size);
            highest = Arrays.copyOf(highest, size);
            mayHold = Arrays.copyOf(mayHold, size);
            mayWrite = Arrays.copyOf(mayWrite, size);
            fenced = Arrays.copyOf(fenced, size);
            firstRevoke = Arrays.copyOf(firstRevoke, size);
        }
        mapping[slot] = id;
        sequence[slot] = 0;
        highest[slot] = most;
        mayHold[slot] = startsWithRights;
        mayWrite[slot] = false;
        fenced[slot] = false;
        firstRevoke[slot] = NONE;
        streams.reset(slot);
        slots.put(id, slot);
        return slot;
    }

    /** The slot of a mapping, or -1. */
    int slot(int id) {
        return slots.get(id);
    }

    int mapping(int slot) {
        return mapping[slot];
    }

    Right highest(int slot) {
        return highest[slot];
    }

    int openMappings() {
        return slots.size();
    }

    int unanswered() {
        return revokePool.taken();
    }

    Streams streams() {
        return streams;
    }

    /** The process is proven to be gone: all its revokes count as answered. The slot may be used again at once. */
    void close(int id, long now) {
        int slot = slots.get(id);
        if (slot == LongIndex.NONE) {
            return;
        }
        slots.remove(id);
        int r = firstRevoke[slot];
        firstRevoke[slot] = NONE;
        mayHold[slot] = false;
        mayWrite[slot] = false;
        slotPool.give(slot);
        while (r != NONE) {
            int next = revokeNext[r];
            settle(r, now);
            r = next;
        }
    }

    void grant(int slot, int line, int request, long first, int count, Right right) {
        mayHold[slot] = true;
        mayWrite[slot] |= right == Right.WRITE;
        port.grant(mapping[slot], line, request, first, count, right, ++sequence[slot]);
        streams.granted(slot, first, count);
    }

    /** Whether one of the mappings that the mask of a page-table entry names was ever given a right to write. */
    boolean anyWrites(int mask) {
        for (int slot = 0; slot < mayWrite.length; slot++) {
            if (mayWrite[slot] && (mask & PageTable.maskBit(slot)) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether the mapping may have any right anywhere. */
    boolean mayHold(int slot) {
        return mayHold[slot];
    }

    /**
     * Asks every mapping named by the mask to give up what it has beyond {@code left}. The answer names the operation in
     * {@link Owner#revokeAnswered}; -1 when no mapping needs to be asked.
     */
    int revoke(int mask, long first, int count, Right left, long now) {
        int operation = NONE;
        for (int slot = 0; slot < slotPool.limit(); slot++) {
            if (slotPool.isTaken(slot) && mayHold[slot] && (mask & PageTable.maskBit(slot)) != 0) {
                operation = ask(operation, slot, first, count, left, false, now);
            }
        }
        return operation;
    }

    /** The same for pages that nobody needs now: without a deadline, because nobody is held up. */
    int revokeAtLeisure(int mask, long first, int count, Right left, long now) {
        int operation = NONE;
        for (int slot = 0; slot < slotPool.limit(); slot++) {
            if (slotPool.isTaken(slot) && mayHold[slot] && (mask & PageTable.maskBit(slot)) != 0) {
                operation = ask(operation, slot, first, count, left, true, now);
            }
        }
        return operation;
    }

    /** Whether one of the mappings that the mask names has owed an answer that nobody needs for at least that long. */
    boolean takesItsTime(int mask, long now, long ns) {
        for (int slot = 0; unansweredAtLeisure > 0 && slot < slotPool.limit(); slot++) {
            if (slotPool.isTaken(slot) && (mask & PageTable.maskBit(slot)) != 0) {
                int oldest = oldest(slot, true);
                if (oldest != NONE && now - revokeSince[oldest] >= ns) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Asks every mapping that may have any right to give up everything. */
    int revokeAll(long now) {
        int operation = NONE;
        for (int slot = 0; slot < slotPool.limit(); slot++) {
            if (slotPool.isTaken(slot) && mayHold[slot]) {
                mayHold[slot] = false;
                operation = ask(operation, slot, 0, 0, Right.NONE, false, now);
            }
        }
        return operation;
    }

    /** An agent's answer. Answers that nobody waits for, and those of fenced mappings, count for nothing. */
    boolean revoked(int id, long answered, long now) {
        int slot = slots.get(id);
        if (slot == LongIndex.NONE || fenced[slot]) {
            return false;
        }
        int previous = NONE;
        for (int r = firstRevoke[slot]; r != NONE; previous = r, r = revokeNext[r]) {
            if (revokeSequence[r] == answered) {
                if (previous == NONE) {
                    firstRevoke[slot] = revokeNext[r];
                } else {
                    revokeNext[previous] = revokeNext[r];
                }
                settle(r, now);
                return true;
            }
        }
        return false;
    }

    /** Fences mappings that have missed the deadline; the answer is how many. */
    int tick(long now) {
        int missed = 0;
        for (int slot = 0; slot < slotPool.limit(); slot++) {
            if (slotPool.isTaken(slot) && !fenced[slot] && late(slot, now)) {
                fenced[slot] = true;
                missed++;
                port.fence(mapping[slot]);
            }
        }
        return missed;
    }

    private boolean late(int slot, long now) {
        int oldest = oldest(slot, false);
        return oldest != NONE && now - revokeSince[oldest] >= deadlineNs;
    }

    /** The oldest unanswered revoke that somebody needs answered, or that nobody does; the oldest of all stands first. */
    private int oldest(int slot, boolean atLeisure) {
        int r = firstRevoke[slot];
        while (r != NONE && revokeAtLeisure[r] != atLeisure) {
            r = revokeNext[r];
        }
        return r;
    }

    private int ask(int begun, int slot, long first, int count, Right left, boolean atLeisure, long now) {
        int operation = begun;
        if (operation == NONE) {
            operation = operationPool.take();
            if (operation >= operationLeft.length) {
                operationLeft = Arrays.copyOf(operationLeft, operationPool.capacity());
            }
            operationLeft[operation] = 0;
        }
        operationLeft[operation]++;
        int r = revokePool.take();
        if (r >= revokeNext.length) {
            int size = revokePool.capacity();
            revokeNext = Arrays.copyOf(revokeNext, size);
            revokeOperation = Arrays.copyOf(revokeOperation, size);
            revokeSequence = Arrays.copyOf(revokeSequence, size);
            revokeSince = Arrays.copyOf(revokeSince, size);
            revokeAtLeisure = Arrays.copyOf(revokeAtLeisure, size);
        }
        revokeOperation[r] = operation;
        revokeSequence[r] = ++sequence[slot];
        revokeSince[r] = now;
        revokeAtLeisure[r] = atLeisure;
        unansweredAtLeisure += atLeisure ? 1 : 0;
        // Agents answer in order, so the oldest stands first and an answer is found at once.
        revokeNext[r] = NONE;
        if (firstRevoke[slot] == NONE) {
            firstRevoke[slot] = r;
        } else {
            int last = firstRevoke[slot];
            while (revokeNext[last] != NONE) {
                last = revokeNext[last];
            }
            revokeNext[last] = r;
        }
        if (atLeisure) {
            port.revokeAtLeisure(mapping[slot], first, count, left, revokeSequence[r]);
        } else {
            port.revoke(mapping[slot], first, count, left, revokeSequence[r]);
        }
        return operation;
    }

    private void settle(int r, long now) {
        int operation = revokeOperation[r];
        unansweredAtLeisure -= revokeAtLeisure[r] ? 1 : 0;
        revokePool.give(r);
        int left = --operationLeft[operation];
        if (left == 0) {
            operationPool.give(operation);
        }
        owner.revokeAnswered(operation, left, now);
    }
}
