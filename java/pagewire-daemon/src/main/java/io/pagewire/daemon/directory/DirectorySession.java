package io.pagewire.daemon.directory;

import io.pagewire.daemon.directory.DirectoryException.Kind;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This host's session with the directory: connects, registers the host, keeps the lease, and opens a new session when one
 * has expired.
 *
 * <pre>
 *   CONNECTING --connected--> REGISTERING --host registered--> READY
 *        ^  ^                     |                             |
 *        |  +----disconnected-----+---------disconnected--------+
 *        +--- session expired, or no connection for long: new session
 * </pre>
 *
 * <p>Everything happens on the directory's thread, except {@link #start} and {@link #close}.
 */
final class DirectorySession {
    private static final Logger LOG = LoggerFactory.getLogger(DirectorySession.class);

    /**
     * A connection that is away for so long is given up with its session. The lease has ended long before; but a directory
     * that was made anew meanwhile turns the old session away for ever, and only a new one finds out.
     */
    static final int ABANDON_MS = 30_000;

    private static final int CLOSE_MS = 2000;
    private static final int REGISTER_AGAIN_MS = 1000;

    private final DirectorySettings settings;
    private final String servers;
    private final ScheduledExecutorService thread;
    private final DirectoryListener listener;
    private final Registration registration;
    private final Lease lease;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private final List<Runnable> readyListeners = new ArrayList<>();

    private ZooKeeper zk;
    private Zk client;
    /** Counts up with each session. */
    private int session;
    /** Counts up with each session and each connection: an answer that belongs to an earlier one is not acted on. */
    private int generation;

    private boolean connected;
    private boolean ready;
    /** Whether claims may exist in this session. */
    private boolean wasReady;

    private long connectedAtNs;
    private long awaySinceNs = System.nanoTime();
    /** Why the host is not registered although there is a connection; null when there is no obstacle. */
    private DirectoryException obstacle;

    private volatile boolean connectedOnce;
    private volatile long incarnation;
    private volatile boolean closed;

    DirectorySession(
            DirectorySettings settings,
            String servers,
            HostRecord host,
            DirectoryListener listener,
            ScheduledExecutorService thread) {
        this.settings = settings;
        this.servers = servers;
        this.thread = thread;
        this.listener = listener;
        this.registration = new Registration(host, servers, thread);
        this.lease = new Lease(host, settings.embedded(), settings.sessionTimeoutMs());
    }

    /**
     * Connects; the future completes when the host is registered, or fails when no server has answered within the operation
     * deadline. The server in this process gets as long as this process gets on with it.
     */
    CompletableFuture<Void> start() {
        thread.execute(this::newSession);
        if (settings.embedded()) {
            OwnPatience patience = new OwnPatience(OwnPatience.processorTime());
            lookAgain(patience);
        } else {
            Timers.after(thread, settings.operationTimeoutMs(), "opening the directory", () -> {
                if (!connected) {
                    opened.completeExceptionally(late("opening the directory", settings.operationTimeoutMs()));
                }
            });
        }
        Timers.every(thread, lease.intervalMs(), "renewing the owner's lease with the directory", this::renewLease);
        return opened;
    }

    private void awaitOwnServer(OwnPatience patience) {
        if (connected || closed) {
            return;
        }
        if (!patience.waitsOn(OwnPatience.processorTime())) {
            opened.completeExceptionally(new DirectoryException(
                    Kind.UNREACHABLE,
                    "opening the directory: the one in this dsmd at " + servers + " has been waited for "
                            + patience.spent() + "; is the disk of its files in "
                            + settings.data().resolve("directory") + " stuck?"));
            return;
        }
        if (patience.isTimeToTell()) {
            LOG.info("Waiting for the embedded directory at {} to answer, {}", servers, patience.spent());
        }
        lookAgain(patience);
    }

    private void lookAgain(OwnPatience patience) {
        Timers.after(thread, OwnPatience.LOOK_MS, "waiting for the directory here", () -> awaitOwnServer(patience));
    }

    /** Whether {@link #start} waits for the server of this process, which has no deadline on the clock. */
    boolean awaitsOwnServer() {
        return settings.embedded() && !connectedOnce && !opened.isDone();
    }

    /** 0 until the directory was reached for the first time. Read by any thread after {@link #start} has completed. */
    long incarnation() {
        return incarnation;
    }

    String servers() {
        return servers;
    }

    /** The connection, or null when there is none. */
    Zk connection() {
        return connected ? client : null;
    }

    /** The connection once the host is registered, or null. */
    Zk registered() {
        return ready ? client : null;
    }

    /** Runs the task when the session has a connection, is ready, or closed: whichever comes next. */
    void whenReady(Runnable task) {
        waiting.add(task);
    }

    /** Runs the task each time the session gets ready, first of all. */
    void onReady(Runnable task) {
        readyListeners.add(task);
    }

    boolean closed() {
        return closed;
    }

    /** What to tell about an operation that has reached its deadline, of so many milliseconds. */
    DirectoryException late(String what, int deadlineMs) {
        if (closed) {
            return new DirectoryException(Kind.UNREACHABLE, what + ": the directory was closed");
        }
        if (!connected) {
            long awayMs = (System.nanoTime() - awaySinceNs) / 1_000_000;
            return new DirectoryException(
                    Kind.UNREACHABLE,
                    what + ": no directory answers at " + servers + " (tried for " + awayMs
                            + " ms); is the dsmd or the ZooKeeper that serves it running?");
        }
        if (obstacle != null) {
            return new DirectoryException(obstacle.kind(), what + ": " + obstacle.getMessage(), obstacle);
        }
        return new DirectoryException(
                Kind.TIMEOUT,
                what + ": the directory at " + servers + " has not answered within " + deadlineMs
                        + " ms; whether it was done is not known");
    }

    /** Ends the session and with it claims and registration. Called by any thread but the directory's. */
    void close() {
        CompletableFuture<ZooKeeper> last = new CompletableFuture<>();
        thread.execute(() -> {
            closed = true;
            connected = false;
            ready = false;
            generation++;
            runWaiting();
            last.complete(zk);
        });
        try {
            closeInBackground(last.join()).join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void newSession() {
        if (closed) {
            return;
        }
        int mine = ++session;
        generation++;
        connected = false;
        ready = false;
        wasReady = false;
        ZKClientConfig config = new ZKClientConfig();
        config.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        try {
            zk = new ZooKeeper(servers, settings.sessionTimeoutMs(), watcher(mine), config);
            client = new Zk(zk, thread);
        } catch (IOException | RuntimeException e) {
            opened.completeExceptionally(new DirectoryException(
                    Kind.INVALID, "cannot use " + servers + " as addresses of the directory: " + Reasons.of(e), e));
        }
    }

    private Watcher watcher(int mine) {
        return event -> {
            try {
                thread.execute(() -> {
                    if (session == mine) {
                        sessionEvent(event);
                    }
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("Event {} came after the directory was closed", event);
            }
        };
    }

    private void sessionEvent(WatchedEvent event) {
        if (closed) {
            return;
        }
        switch (event.getState()) {
            case SyncConnected -> gotConnection();
            case Disconnected -> lostConnection();
            case Expired -> lostSession("the directory at " + servers + " has ended this host's session");
            default -> LOG.warn("The directory at {} reports {}", servers, event.getState());
        }
    }

    private void gotConnection() {
        generation++;
        connected = true;
        connectedOnce = true;
        connectedAtNs = Sys.bootTimeNs();
        LOG.debug("Connected to the directory at {}", servers);
        if (wasReady) {
            becomeReady();
        } else {
            register();
            runWaiting();
        }
    }

    private void lostConnection() {
        if (!connected) {
            return;
        }
        int lost = ++generation;
        connected = false;
        awaySinceNs = System.nanoTime();
        LOG.warn("Lost the connection to the directory at {}", servers);
        if (ready) {
            ready = false;
            tell(listener::disconnected);
        }
        Timers.after(thread, ABANDON_MS, "giving up a session with the directory", () -> {
            if (generation == lost) {
                lostSession("no connection to the directory at " + servers + " for " + ABANDON_MS + " ms");
            }
        });
    }

    private void lostSession(String why) {
        LOG.warn("{}; opening a new session", why);
        ZooKeeper old = zk;
        boolean hadClaims = wasReady;
        newSession();
        closeInBackground(old);
        if (hadClaims) {
            tell(listener::expired);
        }
    }

    private void register() {
        int mine = generation;
        registration.register(client, () -> mine == generation, incarnation).whenComplete((found, e) -> {
            if (mine != generation || closed) {
                return;
            }
            if (e == null) {
                incarnation = found;
                obstacle = null;
                wasReady = true;
                becomeReady();
                return;
            }
            if (!Failures.isTransient(e)) {
                DirectoryException reason = Failures.asDirectoryException(e, "registering this host");
                if (obstacle == null || !obstacle.getMessage().equals(reason.getMessage())) {
                    LOG.warn("Cannot register with the directory: {}", reason.getMessage());
                }
                obstacle = reason;
                opened.completeExceptionally(reason);
            }
            Timers.after(thread, REGISTER_AGAIN_MS, "registering with the directory", () -> {
                if (mine == generation && !closed) {
                    register();
                }
            });
        });
    }

    private void becomeReady() {
        ready = true;
        renewLease();
        tell(() -> listener.connected(connectedAtNs));
        List.copyOf(readyListeners).forEach(Runnable::run);
        runWaiting();
        opened.complete(null);
    }

    private void runWaiting() {
        List<Runnable> tasks = List.copyOf(waiting);
        waiting.clear();
        tasks.forEach(Runnable::run);
    }

    private void renewLease() {
        if (!ready) {
            return;
        }
        int mine = generation;
        lease.renew(client).whenComplete((endNs, e) -> {
            if (mine != generation || !ready) {
                return;
            }
            if (e == null) {
                tell(() -> listener.leaseExtended(endNs));
            } else if (Failures.isNoNode(e)) {
                // Somebody removed our registration by hand; without it the name is free for others.
                LOG.warn("This host's registration in the directory has vanished; registering again");
                generation++;
                ready = false;
                register();
            }
        });
    }

    /** A listener's mistake must not stop the session. */
    private static void tell(Runnable message) {
        try {
            message.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A listener of the directory failed", e);
        }
    }

    /**
     * Not on the directory's thread: closing waits for threads of the session, which may wait for that one. Without a
     * connection it can take as long as a session.
     */
    private static Thread closeInBackground(ZooKeeper handle) {
        Thread closer = new Thread(
                () -> {
                    try {
                        if (handle != null) {
                            handle.close(CLOSE_MS);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "directory-closer");
        closer.setDaemon(true);
        closer.start();
        return closer;
    }
}
