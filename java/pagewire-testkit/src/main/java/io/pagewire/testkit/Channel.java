package io.pagewire.testkit;

/**
 * A local socket in one direction: messages arrive in order, each after a delay of its own.
 *
 * <p>Not thread-safe.
 */
final class Channel {
    private final Simulation world;
    private long lastArrival;

    Channel(Simulation world) {
        this.world = world;
    }

    /** Hands the message to the receiver after {@code delay}, but never before an earlier one. */
    void send(Actor receiver, long delay, Runnable message) {
        lastArrival = Math.max(lastArrival, world.scheduler.now() + delay);
        world.scheduler.at(lastArrival, () -> receiver.run(message));
    }
}
