package io.pagewire.testkit.chaos;

import io.pagewire.testkit.FairClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One place for a program of the workload, and the process that fills it now.
 *
 * <p>Used by one thread; what the process reports is collected by another.
 */
final class Program {
    /** A broken promise that the process saw: see {@code native/chaos/records.c}. */
    record Stale(String program, long atNs, int slot, long read, long wanted, String why, long sinceNs) {}

    private static final int SIGKILL_EXIT = 128 + 9;

    final String name;
    final int cell;
    /** When the process was stopped by us. */
    final Spans frozen = new Spans();

    private final List<String> command;
    private final Path log;
    private final List<Stale> stale = new ArrayList<>();
    private Process process;
    private int starts;
    private boolean killed;
    /** Not before this is it started again. */
    long notBeforeNs;

    Program(String name, int cell, List<String> command, Path log) {
        this.name = name;
        this.cell = cell;
        this.command = command;
        this.log = log;
    }

    void start() {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        starts++;
        killed = false;
        Process mine = process;
        Thread reader = new Thread(() -> collect(mine), "reports of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    private void collect(Process from) {
        try (BufferedReader lines = from.inputReader()) {
            for (String line; (line = lines.readLine()) != null; ) {
                String[] w = line.split(" ");
                if (w.length == 7 && w[0].equals("stale")) {
                    Stale found = new Stale(
                            name,
                            Long.parseLong(w[1]),
                            Integer.parseInt(w[2]),
                            Long.parseUnsignedLong(w[3]),
                            Long.parseUnsignedLong(w[4]),
                            w[5],
                            Long.parseUnsignedLong(w[6]));
                    synchronized (stale) {
                        stale.add(found);
                    }
                }
            }
        } catch (IOException e) {
            // The process was killed in the middle of a line.
        }
    }

    List<Stale> stale() {
        synchronized (stale) {
            return List.copyOf(stale);
        }
    }

    String host() {
        return Plan.host(name);
    }

    /** Whether it sends or takes frames of the stream; no such program may be killed for what it holds. */
    boolean streams() {
        return name.contains("-");
    }

    int starts() {
        return starts;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Whether we killed the process that was last here. */
    boolean killedByUs() {
        return killed;
    }

    /** SIGKILL from somebody else: dsmd fences programs that way. */
    boolean fenced() {
        return !process.isAlive() && process.exitValue() == SIGKILL_EXIT && !killed;
    }

    int exitValue() {
        return process.exitValue();
    }

    void kill() {
        killed = true;
        process.destroyForcibly();
        awaitEnd(Duration.ofSeconds(5));
        frozen.end(System.nanoTime());
    }

    void stop() throws IOException, InterruptedException {
        signal("STOP");
        frozen.begin(System.nanoTime());
    }

    /** Does nothing when it is not stopped. */
    void resume() throws IOException, InterruptedException {
        if (frozen.open()) {
            frozen.end(System.nanoTime());
            signal("CONT");
        }
    }

    /** SIGTERM; it ends by itself. */
    void askToEnd() {
        process.destroy();
    }

    boolean awaitEnd(Duration most) {
        try {
            return FairClock.ends(process, most);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void signal(String signal) throws IOException, InterruptedException {
        if (process.isAlive()) {
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .start()
                    .waitFor();
        }
    }
}
