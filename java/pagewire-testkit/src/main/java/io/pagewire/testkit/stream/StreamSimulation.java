package io.pagewire.testkit.stream;

import io.pagewire.testkit.Scheduler;
import io.pagewire.testkit.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * One run of a simulated stream; everything in it follows from the seed. First it works while things break, then everything heals,
 * and it must come to its end: every consumer that does something about its frames is told how the stream ended.
 *
 * <p>Not thread-safe.
 */
public final class StreamSimulation {
    /** What a run amounted to. */
    public record Summary(
            long seed,
            long events,
            long frames,
            long remoteFrames,
            long skipped,
            long waits,
            long drops,
            long resumes,
            long ends,
            long losses,
            long simulatedNs) {}

    /** Counted as it comes. */
    static final class Counts {
        long frames;
        long remote;
        long skipped;
        long waits;
        long drops;
        long resumes;
        long drains;
        long ends;
        long losses;
    }

    private static final int MOST_CONSUMERS = 10;
    private static final long SAMPLE = 20 * StreamTimes.MS;

    /** Hosts that were given up for dead are forgotten by then. */
    private static final long REST = StreamTimes.HOST_DROP + 2 * StreamTimes.LATE;

    final Scheduler scheduler = new Scheduler();
    final SplittableRandom random;
    final StreamOracle oracle = new StreamOracle(this);
    final Counts counts = new Counts();
    final HomeDaemon home;
    final Producer producer;
    final List<ClientDaemon> clients = new ArrayList<>();
    final List<Consumer> consumers = new ArrayList<>();
    final List<Wire> wires = new ArrayList<>();

    /** The producer ends only when all consumers have left. */
    final boolean lingers;

    private final long seed;
    private final StreamBug planted;
    private final java.util.function.Consumer<String> trace;
    private final StreamNemesis nemesis;
    private final int[] cuts;
    private final int[] slow;
    private final long usualDelay;
    private final long trouble;
    private boolean calm;
    private long calmSince;
    private int numbers;

    /** {@code planted} and {@code trace} may be null. */
    public StreamSimulation(long seed, StreamBug planted, java.util.function.Consumer<String> trace) {
        this.seed = seed;
        this.planted = planted;
        this.trace = trace;
        this.random = new SplittableRandom(seed);
        this.lingers = random.nextInt(4) == 0;
        this.usualDelay = 20 * StreamTimes.US << random.nextInt(8);
        this.trouble = (200 + random.nextInt(8000)) * StreamTimes.MS;
        int hosts = 1 + random.nextInt(4);
        this.cuts = new int[hosts];
        this.slow = new int[hosts];
        this.home = new HomeDaemon(this, frames(), random.nextInt(4) > 0);
        this.producer = new Producer(this, home.side);
        for (int host = 1; host < hosts; host++) {
            clients.add(new ClientDaemon(this, host, ++numbers, frames()));
        }
        this.nemesis = new StreamNemesis(this);
    }

    private int frames() {
        return random.nextInt(3) == 0 ? 2 : 2 + random.nextInt(7);
    }

    /** Runs to the end, or throws a {@link Violation}. */
    public Summary run() {
        try {
            home.start();
            clients.forEach(Daemon::start);
            home.side.publish(producer);
            for (int host = 0; host < cuts.length; host++) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    startConsumer(host, false);
                }
            }
            nemesis.start();
            runFor(trouble);
            comeToCalm();
            bringToAnEnd();
            runFor(REST);
            check(true);
        } catch (Violation violation) {
            throw violation;
        } catch (RuntimeException failure) {
            throw new Violation(where() + failure, failure);
        }
        return new Summary(
                seed,
                scheduler.eventsRun(),
                counts.frames,
                counts.remote,
                counts.skipped,
                counts.waits,
                counts.drops,
                counts.resumes,
                counts.ends,
                counts.losses,
                scheduler.now());
    }

    private void comeToCalm() {
        trace("the trouble is over");
        nemesis.stop();
        calm = true;
        calmSince = scheduler.now();
        startConsumer(random.nextInt(cuts.length), true);
    }

    private void bringToAnEnd() {
        if (lingers) {
            runUntil(() -> producer.hasSwappedAll() || producer.isDone() || !home.alive());
            runFor(SAMPLE);
            killConsumers();
            runFor(REST);
            check(true);
            producer.run(producer::conclude);
        }
        runUntil(() -> producer.isDone() && consumers.stream().noneMatch(Consumer::acts));
        killConsumers();
    }

    private void killConsumers() {
        consumers.forEach(Party::kill);
        consumers.clear();
    }

    private void runUntil(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            if (scheduler.now() - calmSince > StreamTimes.CALM) {
                StringBuilder who = new StringBuilder(producer.isDone() ? "" : producer.state());
                consumers.stream()
                        .filter(Consumer::acts)
                        .forEach(c -> who.append("; ").append(c.state()));
                throw violation("no end after all faults have stopped: " + who);
            }
            runFor(SAMPLE);
        }
    }

    private void runFor(long time) {
        for (long end = scheduler.now() + time; scheduler.now() < end; ) {
            scheduler.runUntil(Math.min(end, scheduler.now() + SAMPLE));
            check(false);
        }
    }

    private void check(boolean atEnd) {
        home.check(atEnd);
        clients.forEach(client -> client.check(atEnd));
    }

    // ---- the cluster

    void startConsumer(int host, boolean sound) {
        Daemon daemon = daemon(host);
        consumers.removeIf(old -> !old.alive());
        if (!daemon.alive() || !sound && consumers.size() >= MOST_CONSUMERS) {
            return;
        }
        Consumer.Manner manner = sound ? Consumer.Manner.QUICK : Consumer.Manner.any(random);
        boolean latest = !sound && random.nextInt(5) < 2;
        boolean leaves = !sound && random.nextInt(10) < 3;
        Consumer consumer = new Consumer(this, "consumer " + ++numbers + " of host " + host, latest, manner, leaves);
        trace("%s comes: %s%s", consumer.name, manner, latest ? ", latest" : "");
        consumers.add(consumer);
        consumer.subscribeAt(daemon);
    }

    Daemon daemon(int host) {
        return host == 0 ? home : clients.get(host - 1);
    }

    /** A new daemon on a host whose daemon has died. */
    void restart(int host) {
        if (!clients.get(host - 1).alive()) {
            clients.set(host - 1, new ClientDaemon(this, host, ++numbers, frames()));
            clients.get(host - 1).start();
        }
    }

    int hosts() {
        return cuts.length;
    }

    HomeSide home() {
        return home.side;
    }

    boolean homeLives() {
        return home.alive();
    }

    void homeDied() {
        wires.forEach(Wire::closeByHome);
    }

    Wire connect(ClientDaemon client, Runnable clientHeard, Runnable homeHeard) {
        wires.removeIf(Wire::isOver);
        Wire wire = new Wire(this, ++numbers, client.host, client, home, clientHeard, homeHeard);
        wires.add(wire);
        if (!home.alive()) {
            wire.closeByHome();
        }
        return wire;
    }

    boolean isCut(int host) {
        return cuts[host] > 0;
    }

    void cut(int host) {
        trace("host %d is cut off", host);
        cuts[host]++;
    }

    void heal(int host) {
        trace("host %d is back", host);
        cuts[host]--;
        for (Wire wire : List.copyOf(wires)) {
            if (wire.host() == host) {
                wire.healed();
            }
        }
    }

    /** Changes by how many troubles the way to the host is so slow that a frame takes longer than a host may. */
    void slow(int host, int change) {
        trace("the way to host %d is %s", host, change > 0 ? "slow" : "as before");
        slow[host] += change;
    }

    /** Circuits also break just when something important is on its way. */
    void mayTear(Wire wire) {
        if (random.nextInt(8) == 0) {
            scheduler.after(random.nextLong(2 * usualDelay), wire::tear);
        }
    }

    long localDelay() {
        return 5 * StreamTimes.US
                + random.nextLong(random.nextInt(50) == 0 ? 10 * StreamTimes.MS : 100 * StreamTimes.US);
    }

    long wireDelay(int host, boolean down) {
        if (down && slow[host] > 0) {
            return 200 * StreamTimes.MS + random.nextLong(200 * StreamTimes.MS);
        }
        long delay = usualDelay / 2 + random.nextLong(usualDelay);
        return !calm && random.nextInt(200) == 0 ? delay * 30 : delay;
    }

    // ---- for everybody

    boolean bug(StreamBug bug) {
        return planted == bug;
    }

    boolean isCalm() {
        return calm;
    }

    /** Whether everything has been healed for so long that nobody but a stuck consumer may suffer. */
    boolean isSettled() {
        return calm && scheduler.now() - calmSince > StreamTimes.SETTLED;
    }

    Violation violation(String text) {
        return new Violation(where() + text);
    }

    private String where() {
        return "seed " + seed + ", " + scheduler.now() / 1000 + " us: ";
    }

    void trace(String format, Object... arguments) {
        if (trace != null) {
            trace.accept(String.format(Locale.ROOT, "%12d us  ", scheduler.now() / 1000)
                    + String.format(Locale.ROOT, format, arguments));
        }
    }
}
