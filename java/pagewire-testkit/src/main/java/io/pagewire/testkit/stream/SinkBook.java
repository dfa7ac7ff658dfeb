package io.pagewire.testkit.stream;

import java.util.TreeMap;

/**
 * What a checker knows of one sink from what was said to it and by it.
 *
 * <p>Not thread-safe.
 */
final class SinkBook {
    final boolean latest;
    final boolean circuit;
    final long dropNs;
    /** The frame before the first that it gets. */
    final long base;

    /** Frames delivered and not released, with their slots. */
    final TreeMap<Long, Integer> has = new TreeMap<>();

    /** Frames of a broken circuit: they may have come, or be sent again. */
    final TreeMap<Long, Integer> doubtful = new TreeMap<>();

    /** The last frame delivered; after a circuit came back, the last that it has. */
    long last;

    /** A circuit has all that it was delivered up to here. */
    long acknowledged;

    /** Frames delivered, without those that turned out not to have come. */
    long delivered;

    /** Frames that may still be delivered; negative: all. */
    int credit;

    long progress;
    long awaySince;
    boolean idle;
    boolean away;
    boolean dropped;
    boolean ended;

    SinkBook(boolean latest, boolean circuit, long dropNs, long base, long now) {
        this.latest = latest;
        this.circuit = circuit;
        this.dropNs = dropNs;
        this.base = base;
        this.last = base;
        this.acknowledged = base;
        this.progress = now;
    }

    boolean has(int slot) {
        return has.containsValue(slot) || doubtful.containsValue(slot);
    }

    /** Whether this sink, with all frames up to {@code newest} filled, keeps the slot of this frame from the source. */
    boolean holds(long number, long newest) {
        if (latest || dropped || number <= base) {
            return false;
        }
        return number > last || has.containsKey(number) && !idle;
    }

    boolean holdsAny(long newest) {
        return !latest && !dropped && (newest > last || !has.isEmpty() && !idle);
    }

    /** Whether the end of the stream waits for it to take what is queued. */
    boolean delaysEnd(long newest) {
        return !latest && !dropped && newest > last;
    }

    boolean uses(int slot, long number, long newest) {
        boolean queued = !dropped && number > last && (!latest || number == newest);
        return queued || has(slot);
    }

    /** How long it has held a source up that waits since then. */
    long heldUp(long waitingSince, long now) {
        return now - Math.max(waitingSince, progress);
    }

    void goAway(long now) {
        if (!away && !dropped) {
            away = true;
            awaySince = now;
            credit = 0;
            idle = false;
            ended = false;
            doubtful.putAll(has);
            has.clear();
            last = acknowledged;
        }
    }

    void comeBack(long number, long now) {
        delivered -= doubtful.tailMap(number, false).size();
        doubtful.clear();
        acknowledged = Math.max(acknowledged, number);
        last = acknowledged;
        away = false;
        progress = now;
    }

    void releasedUpTo(long number, long now) {
        if (number > acknowledged) {
            acknowledged = number;
            has.headMap(number, true).clear();
            progress = now;
        }
    }
}
