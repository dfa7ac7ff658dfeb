package io.pagewire.testkit.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the producer did: the frames it swapped, how many of them its daemon has, and how it ended.
 *
 * <p>Not thread-safe.
 */
final class StreamOracle {
    private record Swapped(int length, long time) {}

    private final StreamSimulation world;
    private final List<Swapped> frames = new ArrayList<>();
    private long filled;
    private boolean finished;
    private boolean producerDead;

    StreamOracle(StreamSimulation world) {
        this.world = world;
    }

    void swapped(long number, int length, long time) {
        frames.add(new Swapped(length, time));
        check(frames.size() == number, "the producer swaps frame %d after %d frames", number, frames.size() - 1);
    }

    /** FILLED has come to the producer's daemon. */
    void filled(long number) {
        filled = number;
    }

    void finished() {
        finished = true;
    }

    void producerDied() {
        producerDead = true;
    }

    boolean isFrame(long number, int length, long time) {
        return number >= 1 && number <= filled && frames.get((int) number - 1).equals(new Swapped(length, time));
    }

    long filled() {
        return filled;
    }

    /** All frames that it swapped have come to its daemon by then. */
    boolean isFinished() {
        return finished && filled == frames.size();
    }

    boolean isProducerDead() {
        return producerDead;
    }

    void check(boolean holds, String format, Object... arguments) {
        if (!holds) {
            throw world.violation(String.format(Locale.ROOT, format, arguments));
        }
    }
}
