package io.pagewire.testkit;

import java.util.ArrayList;
import java.util.List;

/**
 * A machine: a clock of its own, one daemon at a time, processes that map regions, and the frames of copies.
 *
 * <p>Not thread-safe.
 */
final class Host {
    final Simulation world;
    final int number;
    private final long clockOffset;
    private final int clockDrift;
    final List<App> apps = new ArrayList<>();
    /** How many pages its daemon may hold in frames, 0 = as many as it likes. */
    final int frames;

    private Daemon daemon;

    Host(Simulation world, int number, long clockOffset, int clockDrift, int frames) {
        this.frames = frames;
        this.world = world;
        this.number = number;
        this.clockOffset = clockOffset;
        this.clockDrift = clockDrift;
    }

    /** This machine's monotonic clock. */
    long clock() {
        long now = world.scheduler.now();
        return clockOffset + now + now / 1_000_000 * clockDrift;
    }

    /** How long it takes, in true time, until this machine's clock shows {@code time}. */
    long until(long time) {
        long left = time - clock();
        return Math.max(0, left - left / 1_000_000 * clockDrift);
    }

    Daemon daemon() {
        return daemon;
    }

    /** Starts a daemon unless one runs; never sooner than {@link Times#RESTART} after the death of its predecessor. */
    void startDaemon() {
        if (daemon != null && daemon.alive()) {
            return;
        }
        long early = daemon == null ? 0 : Times.RESTART - (world.scheduler.now() - daemon.diedAt());
        if (early > 0) {
            world.scheduler.after(early, this::startDaemon);
        } else {
            daemon = new Daemon(this, world.nextSession());
            daemon.start();
        }
    }

    void startApp() {
        apps.removeIf(app -> !app.alive());
        App app = new App(this, world.nextApp());
        apps.add(app);
        app.start();
    }
}
