package io.pagewire.core.stream;

/**
 * One taker of frames: the slots that it has been delivered and, behind them, those queued for it, in the order of their numbers.
 *
 * <p>A lossless sink holds the source back with all of them, unless it is <em>idle</em> (done with what it was delivered). A latest
 * sink has at most one queued, and holds nobody back. While a circuit is away, what it had been delivered is queued again, but a
 * latest one skips none of that before its host has said how far it came: a frame that did come was not skipped.
 *
 * <p>Not thread-safe.
 */
final class Sink {
    /** One frame that is nearly there and one behind it: more would be old when they come, and take slots from the source. */
    private static final int LATEST_UNDERWAY = 2;

    final boolean latest;
    final boolean circuit;
    private final Slots slots;
    private final long dropNs;
    private final int[] held;
    private int count;
    private int delivered;
    /** Of those queued: were delivered on a circuit that broke. */
    private int lost;

    private int credit;
    private boolean idle;
    private boolean away;
    private boolean dropped;
    private boolean ended;
    private boolean told;
    private long progress;
    private long awaySince;
    private long acknowledged;
    private long skipped;

    Sink(Slots slots, boolean latest, boolean circuit, int credit, long dropNs, long now) {
        this.slots = slots;
        this.latest = latest;
        this.circuit = circuit;
        this.credit = credit;
        this.dropNs = dropNs;
        this.held = new int[slots.size()];
        this.progress = now;
    }

    boolean isDropped() {
        return dropped;
    }

    int queued() {
        return count - delivered;
    }

    int delivered() {
        return delivered;
    }

    long skipped() {
        return skipped;
    }

    /** Whether the source, or after its end the end, waits for this sink. */
    boolean isInTheWay(boolean ended) {
        return ended ? !latest && !dropped && count > delivered : heldBack() > 0;
    }

    int heldBack() {
        if (latest || dropped) {
            return 0;
        }
        return idle ? count - delivered : count;
    }

    void queue(int slot) {
        if (latest && count > Math.max(delivered, lost)) {
            remove(count - 1);
            skipped++;
        }
        held[count++] = slot;
        slots.use(slot, !latest);
    }

    boolean mayDeliver() {
        boolean hasEnough = latest && circuit && delivered >= LATEST_UNDERWAY;
        return !dropped && !away && credit != 0 && count > delivered && !hasEnough;
    }

    /** The slot that the sink has from now on. */
    int deliver() {
        if (idle) {
            idle = false;
            for (int i = 0; i < delivered && !latest; i++) {
                slots.hold(held[i]);
            }
        }
        if (credit != StreamHub.UNLIMITED) {
            credit--;
        }
        return held[delivered++];
    }

    /** Whether the end is to be said now; once on each circuit. */
    boolean mayEnd() {
        if (ended || dropped || away || count > delivered) {
            return false;
        }
        ended = true;
        return true;
    }

    void addCredit(int more) {
        if (credit != StreamHub.UNLIMITED && !away) {
            credit = (int) Math.min((long) credit + more, Integer.MAX_VALUE);
        }
    }

    void takeCreditBack() {
        if (credit != StreamHub.UNLIMITED) {
            credit = 0;
        }
    }

    void finish(long now) {
        if (!idle && !dropped) {
            letGoOfDelivered();
            idle = true;
        }
        progress(now);
    }

    String release(int slot, long now) {
        for (int i = 0; i < delivered; i++) {
            if (held[i] == slot) {
                remove(i);
                progress(now);
                return null;
            }
        }
        return "slot " + slot + " is released by a consumer that does not have it";
    }

    String releaseUpTo(long number, long now) {
        if (number <= acknowledged) {
            return null;
        }
        if (away || !wasSent(number)) {
            return "frame " + number + " is acknowledged, which was not sent on this circuit";
        }
        removeUpTo(number);
        progress(now);
        return null;
    }

    void goAway(long now) {
        if (away || dropped) {
            return;
        }
        for (int i = 0; i < delivered; i++) {
            slots.markStale(held[i]);
            if (idle && !latest) {
                slots.hold(held[i]);
            }
        }
        lost = delivered;
        delivered = 0;
        idle = false;
        away = true;
        ended = false;
        credit = 0;
        awaySince = now;
    }

    String comeBack(long number, long now) {
        if (dropped) {
            return "the host held the stream up for too long, and is out";
        }
        if (number < acknowledged) {
            return "a host that acknowledged frame " + acknowledged + " says that it has none after " + number;
        }
        if (number > acknowledged && !wasSent(number)) {
            return "a host says that it has frame " + number + ", which was not sent to it";
        }
        goAway(now);
        removeUpTo(number);
        while (latest && count > 1) {
            remove(0);
            skipped++;
        }
        lost = 0;
        away = false;
        progress(now);
        return null;
    }

    void progress(long now) {
        progress = now;
        told = false;
    }

    /** Whether its host is to be told that it is in the way; not again before it has moved. */
    boolean mayTell(boolean sourceEnded) {
        if (told || !circuit || away || !isInTheWay(sourceEnded)) {
            return false;
        }
        told = true;
        return true;
    }

    /**
     * How long it has been in the way without need, when that is as long as it may be, else -1.
     *
     * @param waits whether the source, or its end, waits
     * @param since when it began to
     */
    long overdue(boolean waits, boolean sourceEnded, long since, long now) {
        if (dropped) {
            return -1;
        }
        if (away && now - awaySince >= dropNs) {
            return now - awaySince;
        }
        if (!waits || !isInTheWay(sourceEnded)) {
            return -1;
        }
        long heldUp = Math.min(now - since, now - progress);
        return heldUp >= dropNs ? heldUp : -1;
    }

    /** Gets nothing more; keeps what it was delivered, without holding anybody back. */
    void drop() {
        while (count > delivered) {
            remove(count - 1);
        }
        if (!idle) {
            letGoOfDelivered();
        }
        lost = 0;
        dropped = true;
    }

    /** Leaves everything. */
    void clear(boolean bytesUnderway) {
        while (count > 0) {
            if (bytesUnderway && count <= delivered) {
                slots.markStale(held[count - 1]);
            }
            remove(count - 1);
        }
    }

    private void letGoOfDelivered() {
        for (int i = 0; i < delivered && !latest; i++) {
            slots.letGo(held[i]);
        }
    }

    /** On this circuit, or while away on the last. */
    private boolean wasSent(long number) {
        for (int i = 0; i < Math.max(delivered, lost); i++) {
            if (slots.number(held[i]) == number) {
                return true;
            }
        }
        return false;
    }

    private void removeUpTo(long number) {
        acknowledged = number;
        while (count > 0 && slots.number(held[0]) <= number) {
            remove(0);
        }
    }

    private void remove(int at) {
        boolean wasDelivered = at < delivered;
        boolean holds = !latest && !dropped && !(idle && wasDelivered);
        slots.leave(held[at], holds);
        count--;
        for (int i = at; i < count; i++) {
            held[i] = held[i + 1];
        }
        if (wasDelivered) {
            delivered--;
        } else if (at < lost) {
            lost--;
        }
    }
}
