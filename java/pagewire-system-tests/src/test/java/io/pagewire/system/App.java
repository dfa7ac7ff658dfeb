package io.pagewire.system;

import io.pagewire.testkit.FairClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A program on a host: {@link AppMain} in a JVM of its own, or the C program {@code app.c}. It takes one command a line,
 * each on a thread of its own (C: one after the other), and answers with a line of the same number.
 *
 * <pre>
 *   17 get prices 4096
 *   17 = 42                                          or
 *   17 ! PageFaultException OWNER_LOST region ...
 * </pre>
 *
 * <p>Safe for use by any thread.
 */
final class App implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Process process;
    private final OutputStream in;
    private final Path log;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<String>> waiting = new ConcurrentHashMap<>();
    private boolean stopped;

    private App(Process process, Path log) {
        this.process = process;
        this.in = process.getOutputStream();
        this.log = log;
        Thread reader = new Thread(this::readAnswers, "answers-" + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** under: a command that becomes the program itself (exec); none: it is started as it is. */
    static App java(Path folder, Path socket, String... under) {
        List<String> command = new ArrayList<>(List.of(under));
        command.addAll(Checkout.appCommand(folder, AppMain.class));
        command.add(socket.toString());
        return start(folder, command);
    }

    static App c(Path folder, Path socket, String... under) {
        List<String> command = new ArrayList<>(List.of(under));
        command.addAll(List.of(CProgram.app().toString(), socket.toString()));
        return start(folder, command);
    }

    private static App start(Path folder, List<String> command) {
        Path log = folder.resolve("app-" + COUNT.incrementAndGet() + ".log");
        try {
            return new App(
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectError(log.toFile())
                            .start(),
                    log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends a command and waits for its answer; a failed one throws {@link AppFailure}. */
    String ask(Object... words) {
        return await(send(words));
    }

    long askLong(Object... words) {
        return Long.parseLong(ask(words));
    }

    /** Sends a command; the answer comes when it comes. */
    CompletableFuture<String> send(Object... words) {
        int id = ids.incrementAndGet();
        StringBuilder line = new StringBuilder().append(id);
        for (Object word : words) {
            line.append(' ').append(word);
        }
        CompletableFuture<String> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        try {
            synchronized (in) {
                in.write(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
                in.flush();
            }
        } catch (IOException e) {
            answer.completeExceptionally(ended());
        }
        return answer;
    }

    /** The answer of a command that was sent before. */
    static String await(CompletableFuture<String> answer) {
        try {
            return FairClock.get(answer, Await.LONG);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AppFailure failure) {
                throw failure;
            }
            throw new AssertionError(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("a program did not answer within " + Await.LONG, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private void readAnswers() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                answer(line);
            }
        } catch (IOException e) {
            // The pipe broke with the process.
        }
        waiting.values().forEach(answer -> answer.completeExceptionally(ended()));
    }

    private void answer(String line) {
        String[] words = line.split(" ", 3);
        CompletableFuture<String> answer =
                words[0].matches("\\d+") && words.length == 3 ? waiting.remove(Integer.valueOf(words[0])) : null;
        if (answer == null) {
            System.err.println("program " + process.pid() + ": " + line);
        } else if (words[1].equals("=")) {
            answer.complete(words[2]);
        } else {
            String[] failure = words[2].split(" ", 3);
            answer.completeExceptionally(new AppFailure(failure[0], failure[1], failure[2]));
        }
    }

    private AppFailure ended() {
        return new AppFailure("Ended", "-", "process " + process.pid() + " has ended: " + log());
    }

    String log() {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kill() {
        Signals.kill(pid());
        awaitExit();
    }

    void stop() {
        Signals.stop(pid());
        stopped = true;
    }

    void resume() {
        Signals.resume(pid());
        stopped = false;
    }

    /** Waits for the process to end; 128 + signal when a signal ended it. */
    int awaitExit() {
        try {
            if (!FairClock.ends(process, Await.LONG)) {
                throw new AssertionError("program " + pid() + " does not end");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Ends the program in order, by the end of its input; one that does not end is a failure. */
    @Override
    public void close() {
        if (!process.isAlive()) {
            return;
        }
        if (stopped) {
            resume();
        }
        try {
            in.close();
        } catch (IOException e) {
            // It has ended already.
        }
        try {
            if (!FairClock.ends(process, Duration.ofSeconds(15))) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("program " + pid() + " did not end with its input; its log: " + log());
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
