package io.pagewire.testkit.stream;

/**
 * A dsmd: ticks, and knows when it was held up itself.
 *
 * <p>Not thread-safe.
 */
abstract class Daemon extends Party {
    private long continuedAt = -StreamTimes.LATE;

    Daemon(StreamSimulation world, String name) {
        super(world, name);
    }

    final void start() {
        after(StreamTimes.TICK, this::onTimer);
    }

    private void onTimer() {
        after(StreamTimes.TICK, this::onTimer);
        tick();
    }

    @Override
    final void continued() {
        continuedAt = world.scheduler.now();
        tick();
    }

    /** Whether it can have done by now what was due a while ago. */
    final boolean mayJudge() {
        return alive() && !frozen() && world.scheduler.now() - continuedAt > StreamTimes.LATE;
    }

    abstract void tick();

    abstract void subscribe(Consumer consumer);

    /** Checks all its hubs. */
    abstract void check(boolean atEnd);
}
