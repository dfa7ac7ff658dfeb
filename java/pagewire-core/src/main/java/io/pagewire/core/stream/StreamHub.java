package io.pagewire.core.stream;

import io.pagewire.core.StallGuard;

/**
 * The frames of one stream on one host. A <em>source</em> fills slots: the producer's program at its host, the circuit from there
 * at every other. <em>Sinks</em> take frames: consumer programs of this host and, at the producer's host, circuits to others. Times
 * are nanoseconds of one steady clock. Methods that take what a program or another host said return null, or the reason why it
 * cannot be valid; nothing has changed then.
 *
 * <p>Slot states: empty, given (to the source), filled (with the frames' sinks that have still to see or to release it). At most
 * {@code frames} slots are given or held back at a time, where a filled slot holds back when a lossless sink has it queued, or has
 * it delivered and is not finished with it, or when it is kept for the first sink. Others (with sinks that are latest, finished or
 * dropped) do not count, so they never keep the source waiting while there are slots.
 *
 * <p>Belongs to one event loop.
 */
public final class StreamHub {
    /** Credit of a sink that is sent every frame at once. */
    public static final int UNLIMITED = -1;

    /** A longer gap between two ticks means that this daemon was held up itself, and what sinks said lies unread in its sockets. */
    private static final long STALL_NS = 500_000_000L;

    private static final long GRACE_NS = 200_000_000L;

    /** Graces in a row postpone a drop by no more than that. */
    private static final long MOST_POSTPONED_NS = 2_000_000_000L;

    private final StreamPort port;
    private final int frames;
    private final boolean keeps;
    private final Slots slots;
    private final Sink[] sinks;
    private final int[] kept;
    private final StallGuard guard = new StallGuard(STALL_NS, GRACE_NS, MOST_POSTPONED_NS);
    private int limit;
    private int keptCount;
    private boolean started;
    private boolean hadSink;
    private boolean waiting;
    private boolean ended;
    private boolean draining;
    private int endCause;
    private long waitingSince;
    private long lastNumber;
    private long discarded;
    private long moves;

    /**
     * @param frames slots that may be given or held back, 2 to 16
     * @param slots slots that there are, more than {@code frames}
     * @param sinks sink numbers are below that
     * @param keeps while no sink has ever been there, frames are kept for the first one; false = let go
     */
    public StreamHub(StreamPort port, int frames, int slots, int sinks, boolean keeps) {
        this.port = port;
        this.frames = frames;
        this.keeps = keeps;
        this.slots = new Slots(slots);
        this.sinks = new Sink[sinks];
        this.kept = new int[slots];
    }

    /** The source is there: it gets its first slots. None is given before, whatever sinks come. */
    public void start() {
        started = true;
        give();
    }

    /**
     * The producer has no slot beside that in its window, and waits: from now on sinks that hold it up have their deadlines. Ends
     * with the next give; nothing happens when a slot is on its way to it.
     */
    public void sourceWaits(long now) {
        waits(1, now);
    }

    /** The producer's host says that it waits for this one; nothing happens when a slot here can take a frame. */
    public void upstreamWaits(long now) {
        waits(0, now);
    }

    /** The producer has filled a slot; its number is one more than the last. */
    public String filled(int slot, int length, long timeNs, long now) {
        return filled(slot, lastNumber + 1, length, timeNs, now);
    }

    /** A circuit has filled a slot with the frame of this number, which is greater than the last. */
    public String filled(int slot, long number, int length, long timeNs, long now) {
        String wrong = checkFilled(slot, number, length);
        if (wrong == null) {
            lastNumber = number;
            slots.fill(slot, number, length, timeNs);
            handOut(slot);
            settle();
        }
        return wrong;
    }

    /**
     * Nothing is filled any more; sinks get what is queued, then the end. A lossless sink that cannot be given what is queued
     * has its deadline from now on: other consumers behind it wait for the end. Only the first call counts.
     *
     * @param cause 0 = end of stream
     */
    public void sourceEnded(int cause, long now) {
        if (!ended) {
            ended = true;
            endCause = cause;
            waiting = false;
            waitingSince = now;
            settle();
        }
    }

    /**
     * A sink that gets the frames filled from now on, and the first one ever also what was kept.
     *
     * @param latest skips to the newest frame, needs credit for each, and never holds the source up
     * @param credit frames that may be delivered before more {@link #credit}; {@link #UNLIMITED} for local lossless sinks
     * @param circuit has {@link #away} and {@link StreamPort#stalled}
     * @param dropNs how long it may hold the source up, or stay away
     */
    public void addSink(int sink, boolean latest, boolean circuit, int credit, long dropNs, long now) {
        if (sinks[sink] != null) {
            throw new IllegalStateException("sink " + sink + " is there already");
        }
        Sink added = new Sink(slots, latest, circuit, credit, dropNs, now);
        sinks[sink] = added;
        limit = Math.max(limit, sink + 1);
        hadSink = true;
        for (int i = 0; i < keptCount; i++) {
            added.queue(kept[i]);
            slots.leave(kept[i], true);
        }
        keptCount = 0;
        settle();
    }

    /** The sink may be delivered this many frames more. */
    public void credit(int sink, int more, long now) {
        if (more < 0) {
            throw new IllegalArgumentException(more + " frames of credit");
        }
        sink(sink).addCredit(more);
        settle();
    }

    /** Takes unused credit of a latest sink back. */
    public void cancel(int sink, long now) {
        sink(sink).takeCreditBack();
    }

    /** A local sink is done with all frames it has been delivered and waits for the next; they do not count until that comes. */
    public void finished(int sink, long now) {
        moved(sink);
        sink(sink).finish(now);
        settle();
    }

    /** The sink does not look at this slot any more. */
    public String released(int sink, int slot, long now) {
        moved(sink);
        return settled(sink(sink).release(slot, now));
    }

    /** Bytes of a frame are moving to this sink: it does not stand still, however long a large frame may take. */
    public void progress(int sink, long now) {
        moved(sink);
        sink(sink).progress(now);
    }

    /** A circuit's host has all delivered frames up to this number. */
    public String releasedUpTo(int sink, long number, long now) {
        moved(sink);
        return settled(sink(sink).releaseUpTo(number, now));
    }

    /** The circuit broke: what was delivered and not released is queued again, credit is gone. */
    public void away(int sink, long now) {
        sink(sink).goAway(now);
        settle();
    }

    /** It is back on another circuit, and has every frame up to {@code number}; credit comes anew. */
    public String back(int sink, long number, long now) {
        return settled(sink(sink).comeBack(number, now));
    }

    /**
     * The sink is gone, also a dropped one: it has none of its slots any more.
     *
     * @param bytesUnderway bytes of its delivered slots may still be on their way out, so those slots must be renewed
     */
    public void removeSink(int sink, boolean bytesUnderway, long now) {
        sink(sink).clear(bytesUnderway);
        sinks[sink] = null;
        settle();
    }

    /**
     * Says {@link StreamPort#drained} once, when {@link #isDrained}; at once when that is so. Where frames are kept for a first
     * sink, that one has to have come, also when there is no frame yet.
     */
    public void drain(long now) {
        draining = true;
        settle();
    }

    /**
     * Drops sinks whose deadline is over. To be called at least every 250 ms; after a gap of 500 ms nobody is dropped for 200 ms,
     * because this daemon was held up itself and sinks may have said meanwhile that they have moved on.
     */
    public void tick(long now) {
        if (!guard.mayJudge(now)) {
            return;
        }
        boolean dropped = false;
        for (int s = 0; s < limit; s++) {
            long heldUp = sinks[s] == null ? -1 : sinks[s].overdue(waiting || ended, ended, waitingSince, now);
            if (heldUp >= 0) {
                sinks[s].drop();
                port.dropped(s, heldUp);
                dropped = true;
            }
        }
        if (dropped) {
            settle();
        }
    }

    /** The number of the last frame filled, 0 = none. */
    public long lastNumber() {
        return lastNumber;
    }

    /** Whether the source waits for a slot. */
    public boolean isSourceWaiting() {
        return waiting;
    }

    /** Frames that were queued for this sink and skipped since it came. */
    public long skipped(int sink) {
        return sink(sink).skipped();
    }

    /** Slots that hold back because of this sink; 0 = it keeps nobody waiting. */
    public int heldBack(int sink) {
        return sink(sink).heldBack();
    }

    /** Slots that the sink has been delivered and has not released. */
    public int delivered(int sink) {
        return sink(sink).delivered();
    }

    /**
     * Slots that only sinks have which hold nobody back: those that skip frames, are done with theirs, or were dropped. The
     * source has to do without them, and when they are nearly all that there are it waits although nobody is in its way.
     */
    public int aside() {
        return slots.aside();
    }

    /** Frames kept for the first sink. */
    public int kept() {
        return keptCount;
    }

    /** Counts up whenever a sink that is given every frame gets on: takes a frame, or bytes of one, or is done with one. */
    public long moves() {
        return moves;
    }

    /** Frames let go because there was no sink. */
    public long discarded() {
        return discarded;
    }

    /** Whether no frame waits for a lossless sink or is on its way to one; nobody waits for latest ones. */
    public boolean isDrained() {
        for (int s = 0; s < limit; s++) {
            Sink sink = sinks[s];
            if (sink != null
                    && !sink.latest
                    && (sink.queued() > 0 || sink.circuit && !sink.isDropped() && sink.delivered() > 0)) {
                return false;
            }
        }
        return !keeps || hadSink;
    }

    private void moved(int sink) {
        if (!sink(sink).latest) {
            moves++;
        }
    }

    private Sink sink(int sink) {
        Sink found = sink >= 0 && sink < limit ? sinks[sink] : null;
        if (found == null) {
            throw new IllegalStateException("there is no sink " + sink);
        }
        return found;
    }

    private void waits(int withSource, long now) {
        if (!waiting && !ended && slots.given() <= withSource) {
            waiting = true;
            waitingSince = now;
            settle();
        }
    }

    private String checkFilled(int slot, long number, int length) {
        if (ended) {
            return "a frame was filled after the end of the stream";
        }
        if (!slots.isGiven(slot)) {
            return "slot " + slot + " was filled, which had not been given";
        }
        if (number <= lastNumber) {
            return "frame " + number + " came after frame " + lastNumber;
        }
        return length < 0 ? "a frame of " + length + " bytes" : null;
    }

    private void handOut(int slot) {
        boolean taken = false;
        for (int s = 0; s < limit; s++) {
            if (sinks[s] != null && !sinks[s].isDropped()) {
                sinks[s].queue(slot);
                taken = true;
            }
        }
        if (!taken && keeps && !hadSink) {
            slots.use(slot, true);
            kept[keptCount++] = slot;
        } else if (!taken) {
            discarded++;
        }
        slots.leave(slot, false);
    }

    private String settled(String wrong) {
        if (wrong == null) {
            settle();
        }
        return wrong;
    }

    /** Does everything that can be done by now. */
    private void settle() {
        for (int s = 0; s < limit; s++) {
            while (sinks[s] != null && sinks[s].mayDeliver()) {
                int slot = sinks[s].deliver();
                moved(s);
                port.deliver(s, slot, slots.number(slot), slots.length(slot), slots.timeNs(slot));
            }
        }
        give();
        for (int s = 0; s < limit; s++) {
            if (sinks[s] != null && ended && sinks[s].mayEnd()) {
                port.end(s, endCause);
            } else if (sinks[s] != null && (waiting || ended) && sinks[s].mayTell(ended)) {
                port.stalled(s);
            }
        }
        if (draining && isDrained()) {
            draining = false;
            port.drained();
        }
    }

    private void give() {
        while (started && !ended && slots.counted() < frames) {
            int slot = slots.lowestEmpty();
            if (slot < 0) {
                return;
            }
            if (slots.give(slot)) {
                port.renew(slot);
            }
            waiting = false;
            port.give(slot);
        }
    }
}
