package io.pagewire.testkit;

import io.pagewire.core.Right;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * An application process: some threads, and a mapping of every region.
 *
 * <p>Not thread-safe.
 */
final class App extends Actor {
    final Host host;
    final int number;
    final SplittableRandom random;
    final boolean mayWrite;
    private final Mapping[] mappings;
    private final boolean[] asked;
    private final List<Worker> workers = new ArrayList<>();
    private int nextLine;

    App(Host host, int number) {
        super(host.world);
        this.host = host;
        this.number = number;
        this.random = world.random.split();
        this.mayWrite = random.nextInt(4) > 0;
        this.mappings = new Mapping[world.regions.size()];
        this.asked = new boolean[mappings.length];
        int threads = world.crowded ? 60 : 1 + random.nextInt(3);
        for (int i = 0; i < threads; i++) {
            workers.add(new Worker(this, i));
        }
    }

    void start() {
        world.trace("host %d: app %d starts", host.number, number);
        for (SharedRegion region : world.regions) {
            map(region);
        }
        for (Worker worker : workers) {
            worker.start();
        }
    }

    List<Worker> workers() {
        return workers;
    }

    int newLine() {
        return nextLine++;
    }

    Worker workerOn(int line) {
        for (Worker worker : workers) {
            if (worker.line() == line) {
                return worker;
            }
        }
        return null;
    }

    /** The mapping of a region, or null while there is none. */
    Mapping mapping(SharedRegion region) {
        Mapping mapping = mappings[region.number];
        return mapping != null && mapping.usable() ? mapping : null;
    }

    Iterable<Mapping> mappings() {
        List<Mapping> all = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (mapping != null) {
                all.add(mapping);
            }
        }
        return all;
    }

    /** How long a message between two processes of this host takes; now and then a process has to wait for a processor. */
    long localDelay() {
        int luck = random.nextInt(500);
        return luck == 0
                ? random.nextLong(Times.LOCAL_DELAY)
                : luck < 10 ? random.nextLong(3 * Times.MS) : 2_000 + random.nextLong(40_000);
    }

    private void map(SharedRegion region) {
        int r = region.number;
        if (mappings[r] != null || asked[r]) {
            return;
        }
        Daemon daemon = host.daemon();
        if (daemon == null || !daemon.alive()) {
            after(10 * Times.MS, () -> map(region));
            return;
        }
        asked[r] = true;
        daemon.after(localDelay(), () -> {
            Mapping made = alive() && mappings[r] == null ? daemon.map(this, region) : null;
            if (made != null) {
                mappings[r] = made;
                made.answer(made.node.open(made, mayWrite ? Right.WRITE : Right.READ));
            }
        });
        // Asked again in a while: the daemon may not own the region yet, or be dead before it answers.
        after(50 * Times.MS, () -> {
            asked[r] = false;
            map(region);
        });
    }

    /** The daemon behind a mapping is gone; a new one must be asked. */
    void mappingLost(Mapping mapping) {
        if (forget(mapping)) {
            map(mapping.shared);
        }
    }

    private boolean forget(Mapping mapping) {
        int r = mapping.shared.number;
        if (mappings[r] != mapping) {
            return false;
        }
        mappings[r] = null;
        for (Worker worker : workers) {
            worker.mappingLost(mapping);
        }
        return true;
    }

    /** Unmaps in good order and maps again later. */
    void unmap(SharedRegion region) {
        Mapping mapping = mapping(region);
        if (mapping == null) {
            return;
        }
        world.trace("host %d: app %d unmaps region %d", host.number, number, region.number);
        mapping.close();
        forget(mapping);
        mapping.daemon.after(localDelay(), () -> mapping.daemon.mappingGone(mapping));
        asked[region.number] = true;
        after(10 * Times.MS + random.nextLong(50 * Times.MS), () -> {
            asked[region.number] = false;
            map(region);
        });
    }

    /** The end of the process: the kernel takes its mappings, the daemon hears of it through the pidfd. */
    void kill() {
        if (!alive()) {
            return;
        }
        world.trace("host %d: app %d dies", host.number, number);
        die();
        for (Mapping mapping : mappings()) {
            mapping.takeAll();
            mapping.daemon.after(random.nextLong(2 * Times.MS), () -> mapping.daemon.mappingGone(mapping));
        }
        world.scheduler.after(random.nextLong(200 * Times.MS), () -> world.restartApp(host));
    }

    /** The agent has the higher priority: it runs before the threads do. */
    @Override
    void thaw() {
        for (Mapping mapping : mappings()) {
            mapping.enforce();
        }
        super.thaw();
    }
}
