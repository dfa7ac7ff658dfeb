package io.pagewire.cli.hosts;

import io.pagewire.cli.CommandFailed;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * Hosts and programs of their own in a temporary folder, with a directory of their own. Closing ends them and removes the
 * folder; so does the end of this process, also by Ctrl-C.
 *
 * <p>One thread uses it; {@link #close} may be called by any.
 */
public final class PrivateHosts implements AutoCloseable {
    private final Path folder;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final ExecutorService waiting = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "actors");
        thread.setDaemon(true);
        return thread;
    });
    private final Thread hook = new Thread(this::endBySignal, "private-hosts-end");
    private static volatile boolean signalled;
    private boolean ended;

    public PrivateHosts() {
        try {
            folder = Files.createTempDirectory("pagewire-hosts-");
        } catch (IOException e) {
            throw new CommandFailed("cannot make a temporary folder: " + Reasons.of(e), e);
        }
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts a host that runs a directory, with these options of dsmd besides, and waits for it. */
    public Host startFirst(String name, String... options) {
        return start(name, "embedded:0", options);
    }

    /** Starts a host that uses the directory of another one, with these options of dsmd besides, and waits for it. */
    public Host startBeside(String name, Host first, String... options) {
        String directory =
                first.query("status").path("directory").path("connect").asText();
        return start(name, directory, options);
    }

    private Host start(String name, String directory, String... options) {
        Host host = keep(() -> new Host(name, folder, directory, options));
        host.await();
        return host;
    }

    /** Starts an application process on a host; it connects with its first task. */
    public Actor actor(String name, Host host) {
        return keep(() -> new Actor(name, host, folder, waiting));
    }

    public Floor floor() {
        return keep(() -> new Floor(folder));
    }

    /** The folder, for files that go with the hosts. */
    public Path folder() {
        return folder;
    }

    /** Nothing starts once the end has begun, so nothing is missed by it. */
    private synchronized <T extends AutoCloseable> T keep(java.util.function.Supplier<T> starter) {
        if (ended) {
            throw new CommandFailed("stopped");
        }
        T part = starter.get();
        parts.push(part);
        return part;
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook runs or has run.
        }
    }

    /** True once the process ends by a signal: what fails from then on fails because everything is being stopped. */
    public static boolean signalled() {
        return signalled;
    }

    private void endBySignal() {
        signalled = true;
        end();
    }

    private synchronized void end() {
        if (ended) {
            return;
        }
        ended = true;
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                System.err.println("dsmctl: while stopping: " + Reasons.of(e));
            }
        }
        waiting.shutdownNow();
        remove(folder);
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("dsmctl: could not remove " + folder + ": " + Reasons.of(e));
        }
    }
}
