package io.pagewire.system;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.testkit.FairClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One private host: a {@code dsmd} child process with its socket, its data and its log. It can be killed, stopped, continued
 * and started again on the same data.
 *
 * <p>For use by one thread.
 */
final class Host implements AutoCloseable {
    private final String name;
    private final Path folder;
    private final List<String> options;
    private List<String> under = List.of();
    private Process process;
    private Path log;
    private int starts;
    private boolean stopped;

    /** options: of dsmd, beside name, socket, data. The daemon is started by {@link #start()}. */
    Host(String name, Path folder, List<String> options) {
        this.name = name;
        this.folder = folder;
        this.options = List.copyOf(options);
    }

    String name() {
        return name;
    }

    Path socket() {
        return folder.resolve(name + ".sock");
    }

    Path data() {
        return folder.resolve(name + ".data");
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** From its next start on the daemon runs under this command, which must become the daemon itself (exec). */
    void under(List<String> command) {
        under = List.copyOf(command);
    }

    /** Starts the daemon, again if it ran before, and waits until it is ready. */
    void start() {
        launch();
        awaitReady();
    }

    void awaitReady() {
        Await.until("dsmd " + name + " to be ready").until(() -> log().contains("dsmd ready:") || !process.isAlive());
        if (!process.isAlive()) {
            throw new AssertionError("dsmd " + name + " ended with " + process.exitValue() + ":\n" + log());
        }
    }

    /** Starts the daemon without waiting for anything. */
    void launch() {
        List<String> all = new ArrayList<>(List.of("--name", name, "--socket", socket().toString()));
        all.addAll(List.of("--data", data().toString()));
        all.addAll(options);
        launchWith(all);
    }

    /** Starts a daemon with these options alone. */
    void launchWith(List<String> all) {
        List<String> command = new ArrayList<>(under);
        command.addAll(Checkout.daemonCommand(folder));
        command.addAll(all);
        command.add("--exit-with-stdin");
        log = folder.resolve(name + "." + ++starts + ".log");
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        stopped = false;
    }

    /** Continues or starts the daemon if it is stopped or dead. */
    void ensureRunning() {
        if (stopped) {
            resume();
        }
        if (!process.isAlive()) {
            start();
        }
    }

    /** Waits for a daemon that cannot start to end; returns its exit code. */
    int awaitExit() {
        try {
            if (!FairClock.ends(process, Await.LONG)) {
                throw new AssertionError("dsmd " + name + " does not end:\n" + log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return process.exitValue();
    }

    /** What the daemon has printed since its last start. */
    String log() {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL; returns when the process has ended. */
    void kill() {
        Signals.kill(pid());
        stopped = false;
        awaitExit();
    }

    /** SIGTERM; returns at once. */
    void terminate() {
        Signals.terminate(pid());
    }

    /** SIGSTOP; returns when it has taken effect. */
    void stop() {
        Signals.stop(pid());
        stopped = true;
    }

    void resume() {
        Signals.resume(pid());
        stopped = false;
    }

    JsonNode query(String what) {
        try (ControlSocket control = ControlSocket.connect(socket())) {
            return control.query(what);
        }
    }

    JsonNode status() {
        return query("status");
    }

    /** HOST:PORT[,...] for --directory of other hosts. */
    String directory() {
        return status().path("directory").path("connect").asText();
    }

    /** What this host knows of a region; fails when the directory has none of that name. */
    JsonNode region(String region) {
        return query("region " + region);
    }

    /** A count of this host's end of a region, by its name in the core's counters. */
    long counter(String region, String counter) {
        JsonNode value = region(region).path("counters").path(counter);
        if (!value.isNumber()) {
            throw new AssertionError("host " + name + " has no counter " + counter + " for region " + region);
        }
        return value.asLong();
    }

    Map<String, Integer> descriptors() {
        return Descriptors.of(pid());
    }

    /** The descriptors once what is being closed is closed: when they have not changed for a while. */
    Map<String, Integer> steadyDescriptors() {
        AtomicReference<Map<String, Integer>> last = new AtomicReference<>(Map.of());
        Await.until("the descriptors of dsmd " + name + " to stay as they are")
                .during(Duration.ofMillis(400))
                .until(() -> {
                    Map<String, Integer> now = descriptors();
                    return last.getAndSet(now).equals(now);
                });
        return last.get();
    }

    /** Ends the daemon in order, whatever state it is in; complains when it does not end or leaves its socket. */
    @Override
    public void close() {
        if (process == null || !process.isAlive()) {
            return;
        }
        if (stopped) {
            resume();
        }
        List<String> complaints = new ArrayList<>();
        try {
            process.getOutputStream().close();
            long said = -1; // it speaks of a stop that takes longer every second
            while (log().length() != said && process.isAlive()) {
                said = log().length();
                FairClock.ends(process, Duration.ofSeconds(15));
            }
            if (process.isAlive()) {
                complaints.add("dsmd " + name + " did not end with its standard input:\n" + log());
                process.destroyForcibly().waitFor();
            } else if (Files.exists(socket())) {
                complaints.add("dsmd " + name + " left its socket " + socket());
            }
        } catch (IOException e) {
            process.destroyForcibly();
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        if (!complaints.isEmpty()) {
            throw new AssertionError(String.join("\n", complaints));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
