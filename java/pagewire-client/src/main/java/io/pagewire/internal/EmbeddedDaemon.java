package io.pagewire.internal;

import io.pagewire.DaemonUnreachableException;
import io.pagewire.EmbeddedOptions;
import io.pagewire.PagewireException;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A {@code dsmd} that lives as a child of this process. It ends when its standard input does, so it cannot outlive this
 * process, however that one ends.
 *
 * <p>Safe for use by any thread.
 */
public final class EmbeddedDaemon implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Duration POLL = Duration.ofMillis(20);

    /** A child that stops speaks of it every second while written pages get home, and ends when none has for some time. */
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private static final int LOG_TAIL = 2000;

    private final Process process;
    private final Path socket;
    private final Path log;
    private final Path temporary;

    /** temporary: the directory to delete at the end; null when the data belongs to the caller. */
    private EmbeddedDaemon(Process process, Path socket, Path log, Path temporary) {
        this.process = process;
        this.socket = socket;
        this.log = log;
        this.temporary = temporary;
    }

    /** Starts the child; it need not be ready when this returns. */
    public static EmbeddedDaemon start(EmbeddedOptions options) {
        Path launcher = PagewireHome.find().resolve("tools").resolve("dsmd");
        Path temporary = null;
        try {
            // The socket always stands in a short directory of its own: its path may have at most 107 bytes.
            temporary = Files.createTempDirectory("pagewire-");
            Path data = options.dataDirectory() == null ? temporary.resolve("data") : options.dataDirectory();
            Files.createDirectories(data);
            Path socket = temporary.resolve("dsmd.sock");
            Path log = temporary.resolve("dsmd.log");
            String name = options.name() == null
                    ? "embedded-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet()
                    : options.name();
            ProcessBuilder builder = new ProcessBuilder(List.of(
                    launcher.toString(),
                    "--name",
                    name,
                    "--listen",
                    options.listen(),
                    "--socket",
                    socket.toString(),
                    "--data",
                    data.toAbsolutePath().toString(),
                    "--directory",
                    options.directory(),
                    "--exit-with-stdin"));
            builder.environment().put("JAVA_HOME", javaHome(options).toString());
            builder.redirectErrorStream(true).redirectOutput(log.toFile());
            return new EmbeddedDaemon(builder.start(), socket, log, temporary);
        } catch (IOException e) {
            deleteTree(temporary);
            throw new PagewireException("cannot start " + launcher + ": " + Reasons.of(e), e);
        }
    }

    private static Path javaHome(EmbeddedOptions options) {
        return options.javaHome() == null ? Path.of(System.getProperty("java.home")) : options.javaHome();
    }

    /** Where it listens for applications. */
    public Path socket() {
        return socket;
    }

    /** The child. */
    public ProcessHandle handle() {
        return process.toHandle();
    }

    /**
     * Connects as soon as the child answers.
     *
     * @throws DaemonUnreachableException when it ended instead, or did not answer in time; the message has the end of its log
     */
    public <T> T awaitReady(Duration deadline, Supplier<T> connect) {
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            DaemonUnreachableException last;
            try {
                if (Files.exists(socket)) {
                    return connect.get();
                }
                last = null;
            } catch (DaemonUnreachableException e) {
                last = e; // the socket file is there, but nobody listens yet
            }
            boolean ended;
            try {
                ended = process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PagewireException("interrupted while the embedded dsmd was starting", e);
            }
            if (ended) {
                throw notReady("the embedded dsmd ended with exit code " + process.exitValue(), last);
            }
            if (System.nanoTime() - end >= 0) {
                throw notReady("the embedded dsmd did not answer within " + deadline.toMillis() + " ms", last);
            }
        }
    }

    private DaemonUnreachableException notReady(String what, Throwable cause) {
        DaemonUnreachableException e = new DaemonUnreachableException(what + "; the end of its output: " + logTail());
        if (cause != null) {
            e.initCause(cause);
        }
        return e;
    }

    private String logTail() {
        try {
            String text = Files.readString(log, StandardCharsets.UTF_8).strip();
            return text.length() <= LOG_TAIL ? text : "..." + text.substring(text.length() - LOG_TAIL);
        } catch (IOException e) {
            return "(not readable: " + Reasons.of(e) + ")";
        }
    }

    /**
     * Stops the child and returns when it and all its children have ended, which takes as long as pages that were written on this
     * host get home. Idempotent.
     */
    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            process.destroy(); // the pipe is broken, so the child has ended or will by this
        }
        try {
            long said = -1;
            while (log.toFile().length() != said && !process.waitFor(0, TimeUnit.MILLISECONDS)) {
                said = log.toFile().length();
                process.waitFor(SILENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
        for (ProcessHandle one : all) {
            one.destroyForcibly();
            one.onExit().orTimeout(SILENCE.toMillis(), TimeUnit.MILLISECONDS).join();
        }
        deleteTree(temporary);
    }

    private static void deleteTree(Path top) {
        if (top == null || !Files.exists(top)) {
            return;
        }
        try {
            Files.walkFileTree(top, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the temporary data of the embedded dsmd in " + top, e);
        }
    }
}
