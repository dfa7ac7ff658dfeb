package io.pagewire.testkit;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A process: it can be stopped, continued and killed. What reaches it while it is stopped waits; what reaches it after its
 * death is lost.
 *
 * <p>Not thread-safe.
 */
abstract class Actor {
    final Simulation world;
    private final Deque<Runnable> backlog = new ArrayDeque<>();
    private boolean alive = true;
    private boolean frozen;

    Actor(Simulation world) {
        this.world = world;
    }

    final boolean alive() {
        return alive;
    }

    final boolean frozen() {
        return frozen;
    }

    /** Runs the action in this process after the delay. */
    final void after(long delay, Runnable action) {
        world.scheduler.after(delay, () -> run(action));
    }

    /** Runs the action at this moment, or when the process is continued. */
    final void run(Runnable action) {
        if (!alive) {
            return;
        }
        if (frozen) {
            backlog.add(action);
        } else {
            action.run();
        }
    }

    final void freeze() {
        frozen = true;
    }

    /** Continues the process: what waited for it happens now, in order. */
    void thaw() {
        frozen = false;
        while (alive && !frozen && !backlog.isEmpty()) {
            backlog.poll().run();
        }
    }

    final void die() {
        alive = false;
        backlog.clear();
    }
}
