package io.pagewire.cli.hosts;

import io.pagewire.cli.CommandFailed;
import io.pagewire.wire.Reasons;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A child process that ends when its standard input is closed. Its standard error goes to a file, whose end is shown when the
 * process fails.
 *
 * <p>One thread talks to it; {@link #close} may be called by another one.
 */
final class Child implements AutoCloseable {
    private static final int STOP_SECONDS = 5;

    /** No task takes nearly as long, not even on a machine that is busy with other things. */
    private static final int ANSWER_SECONDS = 120;

    private static final ScheduledExecutorService DEADLINES = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "deadlines");
        thread.setDaemon(true);
        return thread;
    });

    private final String name;
    private final int answerSeconds;
    private final Path log;
    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;
    private volatile boolean gaveUp;

    Child(String name, Path folder, ProcessBuilder builder) {
        this(name, folder, builder, ANSWER_SECONDS);
    }

    /** answerSeconds: how long a task may take. */
    Child(String name, Path folder, ProcessBuilder builder, int answerSeconds) {
        this.name = name;
        this.answerSeconds = answerSeconds;
        log = folder.resolve(name + ".log");
        try {
            process = builder.redirectError(log.toFile()).start();
        } catch (IOException e) {
            throw new CommandFailed("cannot start " + name + ": " + Reasons.of(e), e);
        }
        in = process.outputWriter(StandardCharsets.UTF_8);
        out = process.inputReader(StandardCharsets.UTF_8);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends one line and waits for the line that answers it; a process that does not answer in time is killed. */
    String ask(String line) {
        Future<?> deadline = DEADLINES.schedule(this::giveUp, answerSeconds, TimeUnit.SECONDS);
        try {
            in.write(line);
            in.write('\n');
            in.flush();
            String answer = out.readLine();
            if (answer == null) {
                throw died();
            }
            return answer;
        } catch (IOException e) {
            CommandFailed failure = died();
            failure.addSuppressed(e);
            throw failure;
        } finally {
            deadline.cancel(false);
        }
    }

    private void giveUp() {
        gaveUp = true;
        process.destroyForcibly();
    }

    /** The failure to report when the process has ended though nobody told it to. */
    CommandFailed died() {
        String status = "";
        try {
            status = process.waitFor(1, TimeUnit.SECONDS) ? " (exit code " + process.exitValue() + ")" : "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (gaveUp) {
            return new CommandFailed(name + " did not answer within " + answerSeconds + " s" + lastWords());
        }
        return new CommandFailed(name + " ended before its work was done" + status + lastWords());
    }

    /** The end of its standard error, as part of a sentence. */
    String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
            int from = Math.max(0, lines.size() - 3);
            return lines.isEmpty() ? "" : "; it said: " + String.join(" / ", lines.subList(from, lines.size()));
        } catch (IOException | UncheckedIOException e) {
            return "; its log " + log + " cannot be read: " + Reasons.of(e);
        }
    }

    /** Closes its standard input, and kills it when that does not end it. */
    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // The pipe is broken because the process has ended already, which is what closing is for.
        }
        boolean interrupted = Thread.interrupted();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            interrupted = true;
            process.destroyForcibly();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
