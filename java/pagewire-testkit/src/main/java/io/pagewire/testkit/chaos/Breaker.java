package io.pagewire.testkit.chaos;

import io.pagewire.testkit.FairClock;
import io.pagewire.testkit.chaos.Hosts.State;
import io.pagewire.testkit.chaos.Plan.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Does what the plan says and takes it back when its time is over. A fault whose victim is down or taken by another one is
 * passed over, and counted as such.
 *
 * <p>For use by one thread; daemons are started by others, because that takes long.
 */
final class Breaker {
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private record Later(long atNs, Step step) {}

    private static final long RESTART_PAUSE_NS = 200_000_000L;

    /** Of starting a daemon when all is healed: on a busy machine the deadlines of a start may pass. */
    private static final int LAST_TRIES = 10;

    private final Hosts hosts;
    private final List<Program> programs;
    private final Judge judge;
    private final Consumer<String> log;
    private final List<String> extra;
    private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparingLong(Later::atNs));
    private final Set<String> taken = new HashSet<>();
    private final Map<Kind, Integer> done = new EnumMap<>(Kind.class);
    private final Map<String, CompletableFuture<Void>> starting = new ConcurrentHashMap<>();
    private final List<Process> visitors = new ArrayList<>();
    private final Set<String> filled = new HashSet<>();
    private int passedOver;
    private volatile boolean over;

    /** extra: arguments of a program that looks into the region once, for hosts that are short of descriptors. */
    Breaker(Hosts hosts, List<Program> programs, Judge judge, List<String> extra, Consumer<String> log) {
        this.hosts = hosts;
        this.programs = programs;
        this.judge = judge;
        this.extra = extra;
        this.log = log;
    }

    Map<Kind, Integer> done() {
        return done;
    }

    int passedOver() {
        return passedOver;
    }

    /** What has become due. */
    void tick(long now) throws IOException, InterruptedException {
        while (!later.isEmpty() && later.peek().atNs <= now) {
            later.poll().step.run();
        }
        taken.removeIf(victim -> victim.startsWith("starting ") && !starting.containsKey(victim.substring(9)));
    }

    void apply(Fault fault) throws IOException, InterruptedException {
        if (begin(fault)) {
            done.merge(fault.kind(), 1, Integer::sum);
            log.accept(String.format("round %d: %s", fault.round(), fault));
        } else {
            passedOver++;
            log.accept(String.format("round %d: passed over: %s", fault.round(), fault));
        }
    }

    private boolean begin(Fault fault) throws IOException, InterruptedException {
        String host = fault.host();
        long until = System.nanoTime() + fault.holdMs() * 1_000_000;
        switch (fault.kind()) {
            case KILL_PROGRAM -> {
                Program program = program(fault.second());
                if (!program.isAlive() || program.frozen.open()) {
                    return false;
                }
                program.kill();
                program.notBeforeNs = until;
            }
            case STOP_PROGRAM -> {
                Program program = program(fault.second());
                if (!program.isAlive() || program.frozen.open()) {
                    return false;
                }
                program.stop();
                at(until, program::resume);
            }
            case KILL_DAEMON -> {
                if (!take(host)) {
                    return false;
                }
                hosts.kill(host);
                at(until, () -> start(host));
            }
            case STOP_DAEMON -> {
                if (!take(host)) {
                    return false;
                }
                hosts.stop(host);
                at(until, () -> resumeDaemon(host));
            }
            case CUT, CUT_ONE_WAY -> {
                return cut(fault, until);
            }
            case SHAPE -> {
                if (!hosts.shapes() || !taken.add("link " + host)) {
                    return false;
                }
                hosts.run("shape", host, fault.second());
                at(until, () -> {
                    hosts.run("unshape", host);
                    taken.remove("link " + host);
                });
            }
            case FULL_DISK -> {
                if (!hosts.hasDisks() || !taken.add("disk " + host)) {
                    return false;
                }
                filled.add(host);
                hosts.run("fill", host);
                at(until, () -> {
                    hosts.run("unfill", host);
                    filled.remove(host);
                    taken.remove("disk " + host);
                });
            }
            case NO_DESCRIPTORS -> {
                if (!take(host)) {
                    return false;
                }
                hosts.run("limit-fds", host, "+" + fault.atMs() % 4);
                visit(host);
                at(until, () -> {
                    if (hosts.pid(host) != 0) {
                        hosts.run("limit-fds", host, "off");
                    }
                    taken.remove(host);
                });
            }
            case FREEZE_HOST -> {
                if (!take(host)) {
                    return false;
                }
                List<Program> here = programs.stream()
                        .filter(program -> program.host().equals(host) && program.isAlive() && !program.frozen.open())
                        .toList();
                hosts.stop(host);
                for (Program program : here) {
                    program.stop();
                }
                boolean daemonFirst = fault.atMs() % 2 == 0;
                at(until, () -> {
                    if (daemonFirst) {
                        resumeDaemon(host);
                    }
                    for (Program program : here) {
                        program.resume();
                    }
                    if (!daemonFirst) {
                        resumeDaemon(host);
                    }
                });
            }
            case ORPHAN -> {
                Program program = program(fault.second());
                if (!program.isAlive() || program.frozen.open() || !take(host)) {
                    return false;
                }
                program.stop();
                hosts.kill(host);
                start(host);
                at(until, program::resume);
            }
        }
        return true;
    }

    private boolean cut(Fault fault, long until) throws IOException, InterruptedException {
        String one = fault.host();
        String other = fault.second();
        String pair = one.compareTo(other) < 0 ? one + " " + other : other + " " + one;
        if (!taken.add(pair)) {
            return false;
        }
        if (fault.kind() == Kind.CUT) {
            hosts.run("cut", one, other);
        } else {
            hosts.run("cut", one, other, "--one-way");
        }
        at(until, () -> {
            hosts.run("heal", one, other);
            taken.remove(pair);
        });
        return true;
    }

    /** A daemon that runs and is nobody else's victim. */
    private boolean take(String host) {
        return hosts.state(host) == State.RUNNING && !starting.containsKey(host) && taken.add(host);
    }

    private void at(long ns, Step step) {
        later.add(new Later(ns, step));
    }

    private void resumeDaemon(String host) throws IOException, InterruptedException {
        if (hosts.state(host) == State.STOPPED) {
            hosts.resume(host);
        }
        taken.remove(host);
    }

    /** Starts a daemon in the background; again and again while it may still be cut off from the directory. */
    void start(String host) {
        taken.remove(host);
        starting.computeIfAbsent(
                host,
                name -> CompletableFuture.runAsync(
                        () -> {
                            try {
                                for (int last = 0; ; ) {
                                    try {
                                        hosts.start(name);
                                        return;
                                    } catch (Hosts.CommandFailed e) {
                                        if (over && ++last == LAST_TRIES) {
                                            throw e;
                                        }
                                        Thread.sleep(300);
                                    }
                                }
                            } catch (IOException e) {
                                judge.problem("dsmd could not be started: " + e.getMessage());
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } finally {
                                starting.remove(name);
                            }
                        },
                        Breaker::onItsOwnThread));
    }

    /** A host that cannot start yet may wait for one that starts behind it; the common pool may have one thread for both. */
    private static void onItsOwnThread(Runnable start) {
        Thread thread = new Thread(start, "chaos-start");
        thread.setDaemon(true);
        thread.start();
    }

    /** Programs that have ended are judged and started again; daemons that have ended likewise. */
    void look(long now) {
        for (Program program : programs) {
            if (!program.isAlive() && now >= program.notBeforeNs) {
                if (!program.killedByUs()) {
                    boolean wasStopped = program.frozen.open()
                            || now - program.frozen.lastEnd() < RESTART_PAUSE_NS + 2 * Judge.MOMENT_NS;
                    judge.ended(program, wasStopped);
                    log.accept(program.name + " ended with " + program.exitValue());
                }
                program.frozen.end(now);
                program.start();
            }
        }
        for (String host : Hosts.NAMES) {
            if (hosts.state(host) == State.RUNNING && !starting.containsKey(host) && hosts.pid(host) == 0) {
                hosts.found(host, State.DEAD);
                log.accept("dsmd of " + host + " has ended by itself");
                if (!filled.contains(host)) {
                    judge.problem("dsmd of " + host + " ended by itself; its messages are in the log");
                }
                later.add(new Later(now + RESTART_PAUSE_NS, () -> start(host)));
            }
        }
    }

    /** One more program that maps, reads and ends, or cannot. */
    private void visit(String host) throws IOException {
        List<String> command = hosts.command("run", host);
        command.addAll(extra);
        visitors.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Takes everything back that is still broken; returns when all daemons run. */
    void healAll() throws IOException, InterruptedException {
        while (!later.isEmpty()) {
            later.poll().step.run();
        }
        over = true;
        hosts.run("heal");
        for (Program program : programs) {
            program.resume();
        }
        for (int tries = 0; tries < 3; tries++) {
            List.copyOf(starting.values()).forEach(CompletableFuture::join);
            for (String host : Hosts.NAMES) {
                if (hosts.pid(host) == 0) {
                    start(host);
                }
            }
        }
        List.copyOf(starting.values()).forEach(CompletableFuture::join);
    }

    /** Visitors end by themselves; one that does not is a problem. */
    void seeVisitorsOff() throws InterruptedException {
        for (Process visitor : visitors) {
            if (!FairClock.ends(visitor, Duration.ofSeconds(20))) {
                judge.problem("a program that was started while descriptors were short does not end");
                visitor.destroyForcibly();
            }
        }
    }

    private Program program(String name) {
        return programs.stream()
                .filter(program -> program.name.equals(name))
                .findFirst()
                .orElseThrow();
    }
}
