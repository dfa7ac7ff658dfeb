package io.pagewire.testkit.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Breaks things at random while the first part of a run lasts: cuts, broken and slow circuits, stopped and killed consumers and
 * daemons; consumers come. Some runs lose the producer, or its host, between any two events.
 *
 * <p>Not thread-safe.
 */
final class StreamNemesis {
    private final StreamSimulation world;
    private final SplittableRandom random;
    private final long pause;
    private final List<Runnable> undone = new ArrayList<>();
    private final long killProducerAt;
    private final long killHomeAt;
    private boolean stopped;

    StreamNemesis(StreamSimulation world) {
        this.world = world;
        this.random = world.random.split();
        this.pause = (20L << random.nextInt(6)) * StreamTimes.MS;
        this.killProducerAt = random.nextInt(5) == 0 ? step() : Long.MAX_VALUE;
        this.killHomeAt = random.nextInt(8) == 0 ? step() : Long.MAX_VALUE;
    }

    /** Any event of a run, and early ones as often as late ones. */
    private long step() {
        return 1 + random.nextLong(1L << 3 + random.nextInt(13));
    }

    void start() {
        world.scheduler.betweenEvents(this::killAtStep);
        if (random.nextInt(6) > 0) {
            world.scheduler.after(random.nextLong(pause), this::strike);
        }
    }

    void stop() {
        stopped = true;
        List.copyOf(undone).forEach(Runnable::run);
    }

    private void killAtStep() {
        long events = world.scheduler.eventsRun();
        if (events == killProducerAt) {
            world.producer.kill();
        } else if (events == killHomeAt) {
            world.home.kill();
        }
    }

    private void strike() {
        if (stopped) {
            return;
        }
        for (int blows = 1 + random.nextInt(2); blows > 0; blows--) {
            blow();
        }
        world.scheduler.after(1 + random.nextLong(2 * pause), this::strike);
    }

    private void blow() {
        int host = random.nextInt(world.hosts());
        switch (random.nextInt(16)) {
            case 0, 1 -> cut(host);
            case 2, 3 -> tear();
            case 4 -> freeze(consumer());
            case 5, 10 -> freeze(world.daemon(host));
            case 6 -> freeze(random.nextInt(3) == 0 ? world.producer : consumer());
            case 7 -> killConsumer();
            case 8 -> killDaemon(host);
            case 9, 11 -> slow(host);
            default -> world.startConsumer(host, false);
        }
    }

    private Consumer consumer() {
        return world.consumers.isEmpty() ? null : world.consumers.get(random.nextInt(world.consumers.size()));
    }

    /** Short ones are frequent, long ones happen. */
    private long duration() {
        return (6000 * StreamTimes.MS >> random.nextInt(9)) + random.nextLong(StreamTimes.MS);
    }

    private void cut(int host) {
        if (host > 0) {
            world.cut(host);
            undo(() -> world.heal(host));
        }
    }

    private void slow(int host) {
        world.slow(host, 1);
        undo(() -> world.slow(host, -1));
    }

    private void tear() {
        if (!world.wires.isEmpty()) {
            Wire wire = world.wires.get(random.nextInt(world.wires.size()));
            world.trace("circuit %d breaks", wire.number);
            wire.tear();
        }
    }

    private void freeze(Party party) {
        if (party != null && party.alive() && !party.frozen()) {
            party.freeze();
            undo(party::thaw);
        }
    }

    private void killConsumer() {
        Consumer consumer = consumer();
        if (consumer != null) {
            consumer.kill();
        }
    }

    private void killDaemon(int host) {
        if (host > 0 && random.nextInt(3) == 0) {
            world.daemon(host).kill();
            undo(() -> world.restart(host));
        }
    }

    private void undo(Runnable action) {
        Runnable once = new Runnable() {
            private boolean done;

            @Override
            public void run() {
                if (!done) {
                    done = true;
                    undone.remove(this);
                    action.run();
                }
            }
        };
        undone.add(once);
        world.scheduler.after(duration(), once);
    }
}
