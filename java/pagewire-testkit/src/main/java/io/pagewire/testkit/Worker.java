package io.pagewire.testkit;

import io.pagewire.core.Cause;
import io.pagewire.core.Right;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/**
 * A thread of an application: loads and stores, one after the other, each through a fault when the right is missing.
 *
 * <p>Not thread-safe.
 */
final class Worker {
    private record Access(SharedRegion region, int page, Right wanted) {
        @Override
        public String toString() {
            return wanted + " of page " + page + " of region " + region.number;
        }
    }

    private static final int MOST_ATTEMPTS = 5000;

    private final App app;
    private final Simulation world;
    private final SplittableRandom random;
    private final long pause;
    private final int index;
    private final Deque<Access> plan = new ArrayDeque<>();
    private boolean planned;
    private int line;
    private int request;
    private Access current;
    private Mapping asked;
    private boolean waiting;
    private long since;
    private int attempts;
    private int scanned;

    Worker(App app, int index) {
        this.app = app;
        this.index = index;
        this.world = app.world;
        this.random = app.random.split();
        this.pause = (world.crowded ? 3_000_000L : 100_000L) << random.nextInt(6);
        this.line = app.newLine();
    }

    void start() {
        next();
    }

    int line() {
        return line;
    }

    boolean waiting() {
        return waiting;
    }

    /** Nothing is planned any more, and nothing under way. */
    boolean finished() {
        return planned && plan.isEmpty() && current == null;
    }

    String describe() {
        return "host " + app.host.number + ", app " + app.number + ", thread " + index + " waits since " + since / 1000
                + " us for " + current;
    }

    private void next() {
        current = null;
        long usual = world.phase() == Simulation.Phase.PROVE ? Times.MS : pause;
        app.after(usual / 2 + random.nextLong(usual), this::begin);
    }

    private void begin() {
        current = switch (world.phase()) {
            case WORK -> anyAccess();
            case REST -> null;
            case PROVE -> plannedAccess();
        };
        if (current == null) {
            app.after(5 * Times.MS, this::begin);
        } else {
            attempts = 0;
            attempt();
        }
    }

    private Access anyAccess() {
        SharedRegion region = world.regions.get(random.nextInt(world.regions.size()));
        int page;
        if (random.nextInt(3) == 0) {
            page = scanned++ % region.pages();
        } else {
            // Few pages get most of the traffic.
            page = Math.min(random.nextInt(region.pages()), random.nextInt(region.pages()));
        }
        boolean writes = random.nextInt(100) < (region.mayWrite(app.host) ? world.writePercent : 1);
        return new Access(region, page, writes ? Right.WRITE : Right.READ);
    }

    /** At the end every page is read by everybody and written by whoever may, and nothing may fail. */
    private Access plannedAccess() {
        if (!planned) {
            planned = true;
            for (SharedRegion region : world.regions) {
                for (int page = 0; page < region.pages(); page++) {
                    if (!region.lost) {
                        boolean writes = region.mayWrite(app.host) && app.mayWrite && random.nextBoolean();
                        plan.add(new Access(region, page, writes ? Right.WRITE : Right.READ));
                    }
                }
            }
        }
        return plan.poll();
    }

    /** The instruction runs, or faults. */
    private void attempt() {
        Mapping mapping = app.mapping(current.region());
        if (mapping == null) {
            if (world.phase() == Simulation.Phase.PROVE) {
                throw new Violation("host " + app.host.number + ", app " + app.number + " could not map region "
                        + current.region().number + " although all faults have stopped");
            }
            next();
            return;
        }
        if (mapping.right(current.page()).compareTo(current.wanted()) >= 0) {
            if (current.wanted() == Right.WRITE) {
                world.oracle.wrote(mapping, current.page());
            } else {
                world.oracle.read(mapping, current.page());
            }
            next();
            return;
        }
        if (++attempts > MOST_ATTEMPTS) {
            throw new Violation(describe() + ": " + attempts + " grants and no progress");
        }
        waiting = true;
        asked = mapping;
        since = world.scheduler.now();
        mapping.fault(line, ++request, current.page(), current.wanted());
    }

    void granted(Mapping mapping, int answered) {
        if (isAnswer(mapping, answered)) {
            waiting = false;
            attempt();
        }
    }

    void failed(Mapping mapping, int answered, int page, int cause) {
        if (!isAnswer(mapping, answered)) {
            return;
        }
        waiting = false;
        boolean mayWrite = app.mayWrite && mapping.shared.mayWrite(app.host);
        boolean expected = cause == Cause.READ_ONLY && current.wanted() == Right.WRITE && !mayWrite;
        if (!expected) {
            world.oracle.failed(current.region(), page, cause, app);
        }
        next();
    }

    private boolean isAnswer(Mapping mapping, int answered) {
        return waiting && mapping == asked && answered == request;
    }

    void mappingLost(Mapping mapping) {
        if (waiting && asked == mapping) {
            waiting = false;
            next();
        }
    }

    /** The thread's wait was broken off: the line is closed and never used again. */
    void abandonLine() {
        if (waiting) {
            waiting = false;
            asked.lineLost(line);
            line = app.newLine();
            next();
        }
    }
}
