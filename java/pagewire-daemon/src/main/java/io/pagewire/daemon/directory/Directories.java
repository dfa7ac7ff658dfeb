package io.pagewire.daemon.directory;

import io.pagewire.daemon.directory.DirectoryException.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Opens the {@link Directory}.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class Directories {
    /** Registration has deadlines of its own; this one only guards against a mistake in them. */
    private static final long GUARD_MS = 120_000;

    private Directories() {}

    /**
     * Starts the embedded server if the settings ask for one, connects, and registers this host. Waits until that is done: for
     * the embedded server as long as this process gets on with it, at most the operation timeout for the connection to others,
     * and about the session timeout for an earlier registration of the same name to expire. The listener may be called before
     * this returns.
     *
     * @param hostName of this host, unique in the directory
     * @param address where other hosts reach this one's circuits
     * @param port for circuits
     * @param session of this daemon
     * @throws DirectoryException UNREACHABLE, HOST_TAKEN, INVALID
     */
    public static Directory open(
            DirectorySettings settings,
            String hostName,
            String address,
            int port,
            long session,
            DirectoryListener listener)
            throws DirectoryException {
        HostRecord host = new HostRecord(hostName, address, port, session, settings.dataIdentity());
        check(host);
        EmbeddedServer server = settings.embedded()
                ? EmbeddedServer.start(
                        settings.bindHost(), settings.port(), settings.data().resolve("directory"))
                : null;
        String servers = server == null ? settings.servers() : server.connectString();
        ScheduledExecutorService thread = newThread();
        DirectorySession connection = new DirectorySession(settings, servers, host, listener, thread);
        Directory directory = new ZooDirectory(settings, host, thread, connection, server);
        try {
            awaitRegistration(connection, connection.start(), settings.operationTimeoutMs() + GUARD_MS);
            return directory;
        } catch (ExecutionException e) {
            directory.close();
            throw Failures.asDirectoryException(e.getCause(), "opening the directory");
        } catch (TimeoutException e) {
            directory.close();
            throw new DirectoryException(Kind.TIMEOUT, "the directory at " + servers + " does not get ready", e);
        } catch (InterruptedException e) {
            directory.close();
            Thread.currentThread().interrupt();
            throw new DirectoryException(Kind.UNREACHABLE, "interrupted while opening the directory", e);
        }
    }

    private static void awaitRegistration(DirectorySession connection, CompletableFuture<Void> opened, long guardMs)
            throws ExecutionException, TimeoutException, InterruptedException {
        while (true) {
            try {
                opened.get(guardMs, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                if (!connection.awaitsOwnServer()) {
                    throw e;
                }
            }
        }
    }

    private static void check(HostRecord host) throws DirectoryException {
        String reason = Names.checkHost(host.name());
        if (reason != null) {
            throw new DirectoryException(Kind.INVALID, reason);
        }
        try {
            // What no other host would accept must not be written.
            Nodes.decodeHost(Nodes.encode(host));
        } catch (BadNode e) {
            throw new DirectoryException(Kind.INVALID, "this host cannot be registered: " + e.getMessage(), e);
        }
    }

    private static ScheduledExecutorService newThread() {
        ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = Executors.defaultThreadFactory().newThread(task);
            made.setName("directory");
            made.setDaemon(true);
            return made;
        });
        thread.setRemoveOnCancelPolicy(true);
        return thread;
    }
}
