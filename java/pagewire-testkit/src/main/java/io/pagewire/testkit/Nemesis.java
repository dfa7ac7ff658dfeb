package io.pagewire.testkit;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Breaks things at random while the first part of a run lasts: cuts, also one way; broken, half closed and silent circuits;
 * stopped, killed and restarted processes and daemons; silent machines; a directory out of reach; a home that answers some
 * requests never; a disk that cannot be read, does not answer, or is full.
 *
 * <p>Not thread-safe.
 */
final class Nemesis {
    private final Simulation world;
    private final SplittableRandom random;
    private final long pause;
    private boolean stopped;

    Nemesis(Simulation world, SplittableRandom random) {
        this.world = world;
        this.random = random;
        this.pause = (10L << random.nextInt(7)) * Times.MS;
    }

    void start() {
        world.scheduler.after(random.nextLong(pause), this::strike);
    }

    void stop() {
        stopped = true;
    }

    /** Troubles like company: often several come at once. */
    private void strike() {
        if (stopped) {
            return;
        }
        int blows = 1 + random.nextInt(3);
        for (int i = 0; i < blows; i++) {
            blow();
        }
        world.scheduler.after(1 + random.nextLong(2 * pause), this::strike);
    }

    private void blow() {
        switch (random.nextInt(23)) {
            case 0 -> cut(true);
            case 1, 2 -> cut(false);
            case 3 -> breakCircuit();
            case 4 -> halfClose();
            case 5, 6 -> freezeApp();
            case 7 -> freezeDaemon();
            case 8 -> killApp();
            case 9 -> killDaemon();
            case 10 -> silentMachine();
            case 11 -> cutDirectory();
            case 12 -> badPage();
            case 13 -> abandonLines();
            case 14 -> fullDisk();
            case 15 -> unreadableDisk();
            case 16 -> hangingDisk();
            case 17 -> deafHome();
            default -> unmapAll();
        }
    }

    /** Short ones are frequent, long ones happen. */
    private long duration(long longest) {
        return (longest >> random.nextInt(7)) + random.nextLong(Times.MS);
    }

    private Host host() {
        return world.hosts.get(random.nextInt(world.hosts.size()));
    }

    private App app() {
        Host host = host();
        return host.apps.isEmpty() ? null : host.apps.get(random.nextInt(host.apps.size()));
    }

    private void cut(boolean both) {
        int from = host().number;
        int to = host().number;
        if (from == to) {
            return;
        }
        long time = duration(1500 * Times.MS);
        oneWay(from, to, time);
        if (both) {
            oneWay(to, from, time);
        }
    }

    private void oneWay(int from, int to, long time) {
        world.network.cut(from, to);
        world.untilCalm(time, () -> world.network.heal(from, to));
    }

    private void breakCircuit() {
        Circuit circuit = world.network.any();
        if (circuit != null) {
            world.trace("circuit %d breaks", circuit.number);
            circuit.breakBoth();
        }
    }

    private void halfClose() {
        Circuit circuit = world.network.any();
        if (circuit != null) {
            boolean upwards = random.nextBoolean();
            world.trace("circuit %d swallows everything %s", circuit.number, upwards ? "upwards" : "downwards");
            circuit.makeHole(upwards);
        }
    }

    private void freezeApp() {
        App app = app();
        if (app != null && app.alive() && !app.frozen()) {
            world.trace("app %d is stopped", app.number);
            app.freeze();
            world.untilCalm(duration(600 * Times.MS), () -> {
                world.trace("app %d is continued", app.number);
                app.thaw();
            });
        }
    }

    private void freezeDaemon() {
        Daemon daemon = host().daemon();
        if (daemon.alive() && !daemon.frozen()) {
            world.trace("daemon session %d is stopped", daemon.session);
            daemon.freeze();
            world.untilCalm(duration(1500 * Times.MS), () -> {
                world.trace("daemon session %d is continued", daemon.session);
                daemon.thaw();
            });
        }
    }

    private void killApp() {
        App app = app();
        if (app != null) {
            app.kill();
        }
    }

    private void killDaemon() {
        Host host = host();
        host.daemon().crash(false);
        world.untilCalm(duration(1000 * Times.MS), host::startDaemon);
    }

    private void silentMachine() {
        Host host = host();
        for (App app : List.copyOf(host.apps)) {
            app.kill();
        }
        host.daemon().crash(true);
        world.untilCalm(duration(1000 * Times.MS), host::startDaemon);
    }

    private void cutDirectory() {
        int host = host().number;
        world.directory.cut(host);
        world.untilCalm(duration(4000 * Times.MS), () -> world.directory.heal(host));
    }

    private void badPage() {
        SharedRegion region = world.regions.get(random.nextInt(world.regions.size()));
        int page = random.nextInt(region.pages());
        if (region.inFile && !region.bad[page]) {
            world.trace("page %d of region %d cannot be read", page, region.number);
            region.bad[page] = true;
            world.untilCalm(duration(400 * Times.MS), () -> region.bad[page] = false);
        }
    }

    private void fullDisk() {
        SpillFile spill = host().daemon().spill();
        spill.full = true;
        world.untilCalm(duration(800 * Times.MS), () -> spill.full = false);
    }

    private void unreadableDisk() {
        SpillFile spill = host().daemon().spill();
        spill.unreadable = true;
        world.untilCalm(duration(200 * Times.MS), () -> spill.unreadable = false);
    }

    private void hangingDisk() {
        SharedRegion region = world.regions.get(random.nextInt(world.regions.size()));
        if (region.inFile && !region.hangs) {
            world.trace("the disk of region %d hangs", region.number);
            region.hangs = true;
            world.untilCalm(duration(3 * Times.FAULT_DEADLINE), region::goOnReading);
        }
    }

    private void deafHome() {
        for (HomeNode home : host().daemon().homes()) {
            world.trace("%shears not every request", home.name());
            home.deaf(true);
            world.untilCalm(duration(400 * Times.MS), () -> home.deaf(false));
        }
    }

    private void abandonLines() {
        App app = app();
        if (app != null && app.alive()) {
            app.run(() -> app.workers().forEach(Worker::abandonLine));
        }
    }

    /** Everybody on a host lets go of a region, and its daemon says good-bye to the owner if it can. */
    private void unmapAll() {
        SharedRegion region = world.regions.get(random.nextInt(world.regions.size()));
        Host host = host();
        if (host.number == region.homeHost && random.nextInt(4) > 0) {
            host = world.hosts.get((host.number + 1) % world.hosts.size());
        }
        for (App app : host.apps) {
            app.run(() -> app.unmap(region));
        }
        Daemon daemon = host.daemon();
        if (region.homeHost != host.number) {
            daemon.after(random.nextLong(9 * Times.MS), () -> daemon.clients().forEach(ClientNode::leave));
        }
    }
}
