package io.pagewire.testkit;

import io.pagewire.core.Geometry;
import io.pagewire.core.WritebackSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * One run of a simulated cluster; everything in it follows from the seed. First the cluster works while things break, then it
 * works unharmed, then it rests, then every page is read and written once more, and it rests again.
 *
 * <p>Not thread-safe.
 */
public final class Simulation {
    enum Phase {
        WORK,
        REST,
        PROVE
    }

    /** What a run amounted to. */
    public record Summary(
            long seed,
            long events,
            long stores,
            long remoteStores,
            long loads,
            long remoteLoads,
            long forces,
            long losses,
            long failures,
            long simulatedNs) {}

    /**
     * A request that home never answers is given up two deadlines after the last answer, or after the first to a later request,
     * which may come as long after it; until then its page is not asked for.
     */
    private static final long SETTLED = 2 * (Times.FAULT_DEADLINE + Times.HOME_DEADLINE) + 540 * Times.MS;

    private static final long CALM = SETTLED + 300 * Times.MS;
    private static final long REST = 1200 * Times.MS;

    /** Background write-back keeps still for up to 2 s after a page that went home too soon, and then a page has its age. */
    private static final long WRITTEN_BACK = 2300 * Times.MS;

    private static final long PROOF = 60_000 * Times.MS;

    final Scheduler scheduler = new Scheduler();
    final SplittableRandom random;
    final Network network;
    final Directory directory;
    final Oracle oracle;
    final Books books;
    final List<Host> hosts = new ArrayList<>();
    final List<SharedRegion> regions = new ArrayList<>();
    final WritebackSettings writeback;
    final int runPages;

    /** For agents that take their time. */
    final SplittableRandom leisure;

    final int writePercent;

    /** So many threads and pages that a client runs out of requests. */
    final boolean crowded;

    private final long seed;
    private final Bug planted;
    private final Consumer<String> trace;
    private final Nemesis nemesis;

    /** Some daemons have few frames. */
    private final boolean pressed;

    private final SplittableRandom pressure;
    private final long trouble;
    private final List<Runnable> untilCalm = new ArrayList<>();
    private boolean calm;
    private long calmSince = Long.MAX_VALUE;
    private Phase phase = Phase.WORK;
    private int sessions;
    private int apps;

    /** {@code planted} and {@code trace} may be null. */
    public Simulation(long seed, Bug planted, Consumer<String> trace) {
        this.seed = seed;
        this.planted = planted;
        this.trace = trace;
        this.random = new SplittableRandom(seed);
        int hostCount = 2 + random.nextInt(3);
        this.runPages = 1 + random.nextInt(8);
        this.writePercent = 5 + random.nextInt(60);
        this.trouble = (500 + random.nextInt(4000)) * Times.MS;
        this.crowded = random.nextInt(16) == 0;
        this.pressed = random.nextInt(2) == 0;
        this.pressure = random.split();
        this.leisure = random.split();
        this.writeback = leisure.nextBoolean() ? Times.writeback(leisure) : WritebackSettings.OFF;
        this.network = new Network(this, random.split(), hostCount);
        this.directory = new Directory(this, hostCount);
        for (int h = 0; h < hostCount; h++) {
            int drift = random.nextInt(2 * Times.DRIFT) - Times.DRIFT;
            long offset = random.nextLong(1000_000 * Times.MS);
            int frames = pressed && !crowded && random.nextInt(4) > 0 ? 3 + random.nextInt(8) : 0;
            hosts.add(new Host(this, h, offset, drift, frames));
        }
        int regionCount = 1 + random.nextInt(3);
        for (int r = 0; r < regionCount; r++) {
            int pages = crowded ? 200 : 1 + random.nextInt(20);
            int pageSize = 4096 << 3 * random.nextInt(3);
            boolean inFile = random.nextInt(pressed ? 2 : 4) > 0;
            boolean anyWriter = random.nextBoolean();
            int cold = random.nextInt(3) == 0 ? random.nextInt(30) : 0;
            Geometry geometry = new Geometry(pages, pageSize);
            regions.add(new SharedRegion(r, geometry, random.nextInt(hostCount), inFile, anyWriter, cold));
        }
        this.oracle = new Oracle(this);
        this.books = new Books(this);
        this.nemesis = new Nemesis(this, random.split());
    }

    /** Runs to the end, or throws a {@link Violation}. */
    public Summary run() {
        try {
            for (Host host : hosts) {
                host.startDaemon();
                int count = 1 + random.nextInt(3);
                for (int i = 0; i < count; i++) {
                    host.startApp();
                }
            }
            nemesis.start();
            if (pressed) {
                scheduler.betweenEvents(this::press);
            }
            runFor(trouble);
            comeToCalm();
            runFor(CALM);
            rest();
            phase = Phase.PROVE;
            prove();
            rest();
        } catch (Violation violation) {
            throw violation;
        } catch (RuntimeException failure) {
            throw new Violation(where() + failure, failure);
        }
        return new Summary(
                seed,
                scheduler.eventsRun(),
                oracle.stores(),
                oracle.remoteStores(),
                oracle.loads(),
                oracle.remoteLoads(),
                oracle.losses().forces(),
                oracle.losses().losses(),
                oracle.failures(),
                scheduler.now());
    }

    /** Pages must be ready to leave between any two events. */
    private void press() {
        if (mayDisturb() && pressure.nextInt(40) == 0) {
            hosts.get(pressure.nextInt(hosts.size())).daemon().press(pressure);
        }
    }

    private void runFor(long time) {
        long end = scheduler.now() + time;
        while (scheduler.now() < end) {
            scheduler.runUntil(Math.min(end, scheduler.now() + 5 * Times.MS));
            books.checkCopysets();
        }
    }

    private void comeToCalm() {
        trace("the trouble is over");
        nemesis.stop();
        calm = true;
        calmSince = scheduler.now();
        List<Runnable> pending = List.copyOf(untilCalm);
        untilCalm.clear();
        pending.forEach(Runnable::run);
    }

    private void rest() {
        phase = Phase.REST;
        runFor(writeback == WritebackSettings.OFF ? REST : REST + WRITTEN_BACK);
        books.checkRest();
    }

    /** Every page everywhere; a request that is not served fails at its deadline, and that is a violation by now. */
    private void prove() {
        long end = scheduler.now() + PROOF;
        for (Worker worker = unfinished(); worker != null; worker = unfinished()) {
            if (scheduler.now() > end) {
                throw new Violation(where() + worker.describe() + ": not served after all faults have stopped");
            }
            runFor(50 * Times.MS);
        }
    }

    private Worker unfinished() {
        for (Host host : hosts) {
            for (App app : host.apps) {
                for (Worker worker : app.workers()) {
                    if (app.alive() && !worker.finished()) {
                        return worker;
                    }
                }
            }
        }
        return null;
    }

    /** Undoes something after the time, but no later than the end of the trouble. */
    void untilCalm(long time, Runnable undo) {
        boolean[] done = new boolean[1];
        Runnable once = () -> {
            if (!done[0]) {
                done[0] = true;
                undo.run();
            }
        };
        untilCalm.add(once);
        scheduler.after(time, once);
    }

    boolean bug(Bug bug) {
        return planted == bug;
    }

    Phase phase() {
        return phase;
    }

    /** Whether memory pressure and the like may still happen. */
    boolean mayDisturb() {
        return phase == Phase.WORK;
    }

    boolean isCalm() {
        return calm;
    }

    /** Whether everything has been healed for so long that every request must be served. */
    boolean mustServe() {
        return calm && scheduler.now() - calmSince > SETTLED;
    }

    int nextSession() {
        return ++sessions;
    }

    int nextApp() {
        return ++apps;
    }

    void restartApp(Host host) {
        host.startApp();
    }

    String where() {
        return "seed " + seed + ", " + scheduler.now() / 1000 + " us: ";
    }

    void trace(String format, Object... arguments) {
        if (trace != null) {
            trace.accept(String.format(Locale.ROOT, "%12d us  ", scheduler.now() / 1000)
                    + String.format(Locale.ROOT, format, arguments));
        }
    }
}
