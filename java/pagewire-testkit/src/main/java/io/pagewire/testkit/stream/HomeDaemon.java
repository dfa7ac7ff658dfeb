package io.pagewire.testkit.stream;

/**
 * The dsmd of the producer's host.
 *
 * <p>Not thread-safe.
 */
final class HomeDaemon extends Daemon {
    final HomeSide side;

    HomeDaemon(StreamSimulation world, int frames, boolean keeps) {
        super(world, "home");
        this.side = new HomeSide(world, this, frames, keeps);
    }

    @Override
    void tick() {
        side.tick();
    }

    @Override
    void subscribe(Consumer consumer) {
        side.subscribe(consumer);
    }

    @Override
    void check(boolean atEnd) {
        if (alive()) {
            side.hub.checkRest(mayJudge());
            if (atEnd) {
                side.hub.checkEmpty();
            }
        }
    }

    @Override
    void ended() {
        side.daemonDied();
        world.homeDied();
    }
}
