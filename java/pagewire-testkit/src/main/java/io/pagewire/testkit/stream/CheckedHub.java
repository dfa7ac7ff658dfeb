package io.pagewire.testkit.stream;

import io.pagewire.core.stream.StreamHub;
import io.pagewire.core.stream.StreamPort;
import java.util.Locale;
import java.util.TreeMap;

/**
 * The production hub, and beside it books of what was said, from which follows what it may say and when. Whatever an honest party
 * says must be taken.
 *
 * <p>Not thread-safe.
 */
final class CheckedHub implements StreamPort {
    static final int MOST_SINKS = 64;
    private static final long NONE = 0;
    private static final long GIVEN = -1;

    final StreamHub hub;
    private final StreamSimulation world;
    private final String name;
    private final StreamPort to;
    private final int frames;
    private final boolean home;
    private final boolean keeps;
    /** Not every frame comes here: the circuit is that of latest consumers. */
    private final boolean sparse;
    /** Of each slot: the number of its frame, {@link #GIVEN} or {@link #NONE}. */
    private final long[] slots;

    private final TreeMap<Integer, SinkBook> sinks = new TreeMap<>();
    private boolean hadSink;
    private boolean ended;
    private int cause;
    private int given;
    private long newest;
    private long keptUpTo;
    private boolean waiting;
    private long waitingSince;

    CheckedHub(
            StreamSimulation world,
            String name,
            StreamPort to,
            int frames,
            int slots,
            boolean home,
            boolean keeps,
            boolean sparse) {
        this.home = home;
        this.sparse = sparse;
        this.world = world;
        this.name = name;
        this.to = to;
        this.frames = frames;
        this.keeps = keeps;
        this.slots = new long[slots];
        this.hub = new StreamHub(this, frames, slots, MOST_SINKS, keeps && !world.bug(StreamBug.LET_KEPT_GO));
    }

    // ---- what is said to the hub

    void start() {
        hub.start();
    }

    void waits(boolean producer) {
        if (!waiting && !ended && given <= (producer ? 1 : 0)) {
            waiting = true;
            waitingSince = now();
        }
        if (producer) {
            hub.sourceWaits(now());
        } else {
            hub.upstreamWaits(now());
        }
    }

    /** Number 0: the producer's next. */
    void filled(int slot, long number, int length, long time) {
        check(slots[slot] == GIVEN, "slot %d was filled without having been given", slot);
        slots[slot] = number == 0 ? newest + 1 : number;
        newest = slots[slot];
        given--;
        if (keeps && !hadSink) {
            keptUpTo = newest;
        }
        mustTake(number == 0 ? hub.filled(slot, length, time, now()) : hub.filled(slot, number, length, time, now()));
    }

    void sourceEnded(int why) {
        if (!ended) {
            ended = true;
            cause = why;
            waiting = false;
            waitingSince = now();
        }
        hub.sourceEnded(why, now());
    }

    SinkBook add(int sink, boolean latest, boolean circuit, int credit, long dropNs) {
        long base = baseOfNext();
        long honest = circuit ? StreamTimes.HOST_DROP : StreamTimes.DROP;
        SinkBook book = new SinkBook(latest, circuit, honest, base, now());
        book.credit = credit;
        hadSink = true;
        sinks.put(sink, book);
        hub.addSink(sink, latest, circuit, credit, dropNs, now());
        return book;
    }

    /** The frame before the first that a sink would get that comes now. */
    long baseOfNext() {
        return hadSink || keptUpTo == 0 ? newest : 0;
    }

    void credit(int sink, int more) {
        sinks.get(sink).credit += more;
        hub.credit(sink, more, now());
    }

    void cancel(int sink) {
        sinks.get(sink).credit = 0;
        hub.cancel(sink, now());
    }

    void finished(int sink) {
        SinkBook book = sinks.get(sink);
        book.idle = true;
        book.progress = now();
        hub.finished(sink, now());
    }

    void released(int sink, int slot) {
        SinkBook book = sinks.get(sink);
        book.has.values().remove(slot);
        book.progress = now();
        mustTake(hub.released(sink, slot, now()));
    }

    void releasedUpTo(int sink, long number) {
        sinks.get(sink).releasedUpTo(number, now());
        mustTake(hub.releasedUpTo(sink, number, now()));
    }

    void away(int sink) {
        sinks.get(sink).goAway(now());
        hub.away(sink, now());
    }

    void back(int sink, long number) {
        sinks.get(sink).comeBack(number, now());
        mustTake(hub.back(sink, number, now()));
    }

    void remove(int sink, boolean bytesUnderway) {
        sinks.remove(sink);
        hub.removeSink(sink, bytesUnderway, now());
    }

    void tick() {
        hub.tick(now());
    }

    // ---- what the hub says

    @Override
    public void give(int slot) {
        check(slots[slot] != GIVEN, "slot %d is given twice", slot);
        sinks.forEach((sink, book) -> check(
                !book.uses(slot, slots[slot], newest) || slots[slot] == NONE,
                "slot %d is given, which sink %d has",
                slot,
                sink));
        check(counted() < frames, "slot %d is given beyond the bound of %d", slot, frames);
        check(!ended, "slot %d is given after the end", slot);
        slots[slot] = GIVEN;
        given++;
        waiting = false;
        to.give(slot);
    }

    @Override
    public void deliver(int sink, int slot, long number, int length, long timeNs) {
        SinkBook book = sinks.get(sink);
        check(
                slots[slot] == number,
                "sink %d is delivered frame %d in slot %d of frame %d",
                sink,
                number,
                slot,
                slots[slot]);
        check(!book.dropped && !book.away && !book.ended, "sink %d is delivered frame %d and is out", sink, number);
        check(number > book.last, "sink %d is delivered frame %d after %d", sink, number, book.last);
        if (book.latest) {
            check(number == newest, "sink %d is delivered frame %d, and %d is newer", sink, number, newest);
        } else if (home || book.last > 0) {
            check(number == book.last + 1, "sink %d is delivered frame %d after %d", sink, number, book.last);
        }
        check(book.credit != 0, "sink %d is delivered frame %d without credit", sink, number);
        book.credit -= book.credit == StreamHub.UNLIMITED ? 0 : 1;
        book.has.put(number, slot);
        book.last = number;
        book.idle = false;
        book.delivered++;
        if (book.latest && !sparse) {
            long skipped = hub.skipped(sink);
            check(
                    number - book.base == book.delivered + skipped,
                    "sink %d has %d frames of %d to %d, and %d are counted as skipped",
                    sink,
                    book.delivered,
                    book.base + 1,
                    number,
                    skipped);
        }
        to.deliver(sink, slot, number, length, timeNs);
    }

    @Override
    public void stalled(int sink) {
        SinkBook book = sinks.get(sink);
        check(book.circuit && isInTheWay(book), "sink %d is told that it stalls", sink);
        to.stalled(sink);
    }

    @Override
    public void end(int sink, int why) {
        SinkBook book = sinks.get(sink);
        check(ended && why == cause && !book.ended && !book.dropped, "sink %d is told end %d", sink, why);
        check(
                book.last == newest || newest == book.base,
                "sink %d is told the end after frame %d of %d",
                sink,
                book.last,
                newest);
        book.ended = true;
        to.end(sink, why);
    }

    @Override
    public void dropped(int sink, long heldUpNs) {
        SinkBook book = sinks.get(sink);
        boolean stayedAway = book.away && now() - book.awaySince >= book.dropNs;
        boolean heldUp = isInTheWay(book) && book.heldUp(waitingSince, now()) >= book.dropNs;
        check(stayedAway || heldUp, "sink %d is dropped before its deadline", sink);
        world.counts.drops++;
        book.dropped = true;
        book.doubtful.clear();
        to.dropped(sink, heldUpNs);
    }

    @Override
    public void renew(int slot) {
        sinks.forEach((sink, book) -> check(!book.has(slot), "slot %d is renewed, which sink %d has", slot, sink));
        to.renew(slot);
    }

    @Override
    public void drained() {
        for (SinkBook book : sinks.values()) {
            boolean some = book.last < newest || book.circuit && !book.has.isEmpty();
            check(
                    !some || book.latest || book.dropped || newest == book.base,
                    "drained, and a sink waits for frames up to %d",
                    newest);
        }
        to.drained();
    }

    // ---- at any time

    /** Nothing that should have been done is left undone. */
    void checkRest(boolean mayJudge) {
        if (!ended) {
            boolean free = false;
            for (int slot = 0; slot < slots.length; slot++) {
                free |= slots[slot] == NONE || slots[slot] != GIVEN && !isUsed(slot);
            }
            check(!free || counted() >= frames, "a slot is free, %d of %d count, and none is given", counted(), frames);
        }
        sinks.forEach((sink, book) -> {
            boolean late = isInTheWay(book) && book.heldUp(waitingSince, now()) > book.dropNs + StreamTimes.LATE
                    || book.away && now() - book.awaySince > book.dropNs + StreamTimes.LATE;
            check(!late || !mayJudge || book.dropped, "sink %d should have been dropped", sink);
        });
    }

    /** With nobody left, the source has as many slots as there are frames, and nobody has any other. */
    void checkEmpty() {
        check(sinks.isEmpty(), "sinks %s are left over", sinks.keySet());
        check(
                ended || keptUpTo > 0 && !hadSink || given == frames,
                "%d slots of %d are given, and nobody is there",
                given,
                frames);
    }

    boolean ended() {
        return ended;
    }

    int cause() {
        return cause;
    }

    long newest() {
        return newest;
    }

    private boolean isInTheWay(SinkBook book) {
        return ended ? book.delaysEnd(newest) : waiting && book.holdsAny(newest);
    }

    private boolean isUsed(int slot) {
        if (!hadSink && slots[slot] <= keptUpTo) {
            return true;
        }
        for (SinkBook book : sinks.values()) {
            if (book.uses(slot, slots[slot], newest)) {
                return true;
            }
        }
        return false;
    }

    private int counted() {
        int counted = given;
        for (long number : slots) {
            if (number > 0 && isHeld(number)) {
                counted++;
            }
        }
        return counted;
    }

    private boolean isHeld(long number) {
        if (!hadSink && number <= keptUpTo) {
            return true;
        }
        for (SinkBook book : sinks.values()) {
            if (book.holds(number, newest)) {
                return true;
            }
        }
        return false;
    }

    private long now() {
        return world.scheduler.now();
    }

    private void mustTake(String wrong) {
        check(wrong == null, "the hub refuses: %s", wrong);
    }

    private void check(boolean holds, String format, Object... arguments) {
        if (!holds) {
            throw world.violation(name + ": " + String.format(Locale.ROOT, format, arguments));
        }
    }
}
