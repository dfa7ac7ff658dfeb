package io.pagewire.testkit.stream;

import io.pagewire.core.Cause;
import java.util.Locale;

/**
 * What one consumer must see: whole frames, each once, in order, without a gap unless it is a latest one, and the right end.
 *
 * <p>Not thread-safe.
 */
final class Viewer {
    private final StreamSimulation world;
    private final Consumer consumer;
    private long first = -1;
    private long last;
    private long frames;
    private boolean dropped;

    Viewer(StreamSimulation world, Consumer consumer) {
        this.world = world;
        this.consumer = consumer;
    }

    void firstAfter(long number) {
        first = number;
    }

    void wasDropped() {
        dropped = true;
    }

    /** The last frame seen. */
    long last() {
        return last;
    }

    long frames() {
        return frames;
    }

    /** Every cell in use holds what the producer wrote, at any time while it is in the window. */
    void look(Side side, int slot, long number, int length) {
        for (int cell = 0; cell < length; cell++) {
            long seen = side.memory.page(slot).cells[cell];
            check(
                    seen == SlotMemory.content(number, cell),
                    "sees frame %d in slot %d torn: cell %d is of frame %d",
                    number,
                    slot,
                    cell,
                    SlotMemory.frameOf(seen));
        }
    }

    void taken(Side side, long number, int length, long time, long skipped) {
        long before = last > 0 ? last : first(side);
        check(number > before, "gets frame %d after frame %d", number, before);
        check(consumer.latest || number == before + 1, "gets frame %d after frame %d, and is lossless", number, before);
        check(world.oracle.isFrame(number, length, time), "gets frame %d with another length or time", number);
        last = number;
        frames++;
        check(
                skipped < 0 || number - first(side) - frames == skipped,
                "has seen %d frames of %d to %d, and %d are counted as skipped",
                frames,
                first(side) + 1,
                number,
                skipped);
        world.counts.frames++;
        world.counts.skipped += number - before - 1;
        world.counts.remote += side.isHome() ? 0 : 1;
    }

    private long first(Side side) {
        return first >= 0 ? first : side.base();
    }

    void ended(Side side, int cause, long number) {
        world.trace("%s is told the end, cause %d, frame %d", consumer.name, cause, number);
        boolean all = last == world.oracle.filled() || frames == 0 && first(side) >= world.oracle.filled();
        switch (cause) {
            case 0 -> {
                check(world.oracle.isFinished(), "is told the end of a stream that has not ended");
                check(
                        all && (frames == 0 || number == world.oracle.filled()),
                        "is told the end after frame %d of %d",
                        last,
                        world.oracle.filled());
                world.counts.ends++;
            }
            case Cause.PRODUCER_LOST -> {
                check(world.oracle.isProducerDead(), "is told that the producer is lost");
                check(all, "is told that the producer is lost after frame %d of %d", last, world.oracle.filled());
                world.counts.losses++;
            }
            case Cause.TOO_SLOW -> check(dropped || !side.isHome() && side.wasDropped(), "is told that it is too slow");
            case Cause.OWNER_LOST -> {
                check(!side.isHome(), "is told that its own host is lost");
                check(
                        !world.isSettled() || !world.homeLives() || frames == 0,
                        "is told that a host is lost which is there");
                world.counts.losses++;
            }
            case Cause.NO_OWNER -> check(frames == 0, "is told after %d frames that there is no such stream", frames);
            default -> check(false, "is told cause %d", cause);
        }
    }

    void daemonLost(Side side) {
        check(!side.daemon.alive(), "takes a daemon for lost which is there");
        world.counts.losses++;
    }

    private void check(boolean holds, String format, Object... arguments) {
        if (!holds) {
            throw world.violation(consumer.name + " " + String.format(Locale.ROOT, format, arguments));
        }
    }
}
