package io.pagewire.testkit.stream;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A process of the stream: producer, consumer or daemon. It can be stopped, continued and killed at any event.
 *
 * <p>Not thread-safe.
 */
abstract class Party {
    final StreamSimulation world;
    final String name;
    private final Deque<Runnable> backlog = new ArrayDeque<>();
    private boolean alive = true;
    private boolean frozen;

    Party(StreamSimulation world, String name) {
        this.world = world;
        this.name = name;
    }

    final boolean alive() {
        return alive;
    }

    final boolean frozen() {
        return frozen;
    }

    final void after(long delay, Runnable action) {
        world.scheduler.after(delay, () -> run(action));
    }

    /** Runs the action now, or when the process is continued. */
    final void run(Runnable action) {
        if (alive && frozen) {
            backlog.add(action);
        } else if (alive) {
            action.run();
        }
    }

    final void freeze() {
        if (alive && !frozen) {
            world.trace("%s stops", name);
            frozen = true;
        }
    }

    final void thaw() {
        if (!alive || !frozen) {
            return;
        }
        world.trace("%s goes on", name);
        frozen = false;
        continued();
        while (alive && !frozen && !backlog.isEmpty()) {
            backlog.poll().run();
        }
    }

    final void kill() {
        if (alive) {
            world.trace("%s is killed", name);
            quit();
        }
    }

    /** Ends the process by its own will. */
    final void quit() {
        alive = false;
        backlog.clear();
        ended();
    }

    /** Comes before anything that waited: timers may be served before sockets. */
    void continued() {}

    /** The process is gone; the kernel closes its sockets. */
    abstract void ended();
}
