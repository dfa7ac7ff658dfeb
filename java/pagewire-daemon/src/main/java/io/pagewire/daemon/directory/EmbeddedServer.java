package io.pagewire.daemon.directory;

import io.pagewire.daemon.sys.Addresses;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.Reasons;
import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.zookeeper.server.PurgeTxnLog;
import org.apache.zookeeper.server.ServerConfig;
import org.apache.zookeeper.server.ZooKeeperServerMain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ZooKeeper server inside this process, so that a lone daemon needs nothing else. Its log and snapshots are small and old
 * ones are removed, so its files do not grow for ever.
 *
 * <p>Started and closed by one thread at a time; the server has threads of its own.
 */
final class EmbeddedServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);

    static final int TICK_MS = 500;
    private static final int STOP_TIMEOUT_MS = 5_000;
    private static final int SNAPSHOTS_KEPT = 3;
    private static final int PURGE_SECONDS = 30;
    private static final long LEAST_ROOM = 512 << 10;
    private static final int RESTART_MS = 1_000;

    static {
        // Read once by ZooKeeper's classes. Its defaults suit servers with thousands of writes a second: logs of 64
        // MiB,
        // a snapshot every 100,000 changes. What the user sets wins.
        setDefault("zookeeper.preAllocSize", "256"); // KiB
        setDefault("zookeeper.snapCount", "5000");
        setDefault("zookeeper.admin.enableServer", "false");
        // What may be read back from the log beyond 1 MiB: the end of a session is one transaction with the paths of
        // all
        // its claims. Two million fit; the default ends at 70,000, and then the server does not start again.
        setDefault("zookeeper.jute.maxbuffer.extrasize", Integer.toString(64 << 20));
    }

    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final InetSocketAddress address;
    private final String host;
    private final Path directory;
    private final ScheduledExecutorService cleaner;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Main main = new Main();
    private int port;

    private EmbeddedServer(InetSocketAddress address, Path directory) {
        // To itself a server that listens everywhere is on the loopback address.
        this.address = address;
        this.host = address.getAddress().isAnyLocalAddress() ? "127.0.0.1" : literal(address.getAddress());
        this.directory = directory;
        this.cleaner = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "directory-cleaner");
            made.setDaemon(true);
            return made;
        });
        this.thread = new Thread(this::run, "directory-server");
        thread.setDaemon(true);
    }

    /** Starts the server and returns when it serves. Port 0 means any free one. */
    static EmbeddedServer start(String bindHost, int port, Path directory) throws DirectoryException {
        String where = Addresses.of(bindHost, port);
        EmbeddedServer server = null;
        try {
            Files.createDirectories(directory);
            server = new EmbeddedServer(new InetSocketAddress(InetAddress.getByName(bindHost), port), directory);
            server.thread.start();
            server.awaitStart();
            server.port = server.main.getClientPort();
            Timers.every(server.cleaner, PURGE_SECONDS * 1000, "removing old files of the directory", server::purge);
            return server;
        } catch (ExecutionException e) {
            throw failed(where, directory, e.getCause());
        } catch (IOException e) {
            throw failed(where, directory, e);
        } catch (TimeoutException e) {
            server.close();
            throw failed(where, directory, new IOException(e.getMessage()));
        } catch (InterruptedException e) {
            server.close();
            Thread.currentThread().interrupt();
            throw failed(where, directory, e);
        }
    }

    private void awaitStart() throws ExecutionException, TimeoutException, InterruptedException {
        OwnPatience patience = new OwnPatience(OwnPatience.processorTime());
        while (true) {
            try {
                started.get(OwnPatience.LOOK_MS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                if (!patience.waitsOn(OwnPatience.processorTime())) {
                    throw new TimeoutException("it has been waited for " + patience.spent() + "; is its disk stuck?");
                }
                if (patience.isTimeToTell()) {
                    LOG.info("Waiting for the embedded directory to start, {}", patience.spent());
                }
            }
        }
    }

    /** With very many regions a snapshot is some ten MiB, and there is one every five thousand changes. */
    private void purge() {
        try {
            PurgeTxnLog.purge(directory.toFile(), directory.toFile(), SNAPSHOTS_KEPT);
        } catch (IOException e) {
            LOG.warn("Old files of the directory in {} cannot be removed: {}", directory, Reasons.of(e, directory));
        }
    }

    /** HOST:PORT as this process reaches it. */
    String connectString() {
        return host + ":" + port;
    }

    /** Stops the server as an error of its own would. */
    void stopByItself() {
        main.close();
    }

    @Override
    public void close() {
        closing.countDown();
        cleaner.shutdownNow();
        main.close();
        try {
            thread.join(STOP_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A server that has stopped by itself, as it does when its disk is full, is started again at the same port. */
    private void run() {
        serve(new Config(address, directory.toFile()));
        while (started.isDone() && !started.isCompletedExceptionally() && !closesWithin(RESTART_MS)) {
            if (!hasRoom()) {
                continue;
            }
            main = new Main();
            serve(new Config(new InetSocketAddress(address.getAddress(), port), directory.toFile()));
        }
    }

    /** Without room for a snapshot at its start, ZooKeeper ends the whole JVM, and with it all access to pages. */
    private boolean hasRoom() {
        return directory.toFile().getUsableSpace() >= LEAST_ROOM;
    }

    private void serve(Config config) {
        try {
            if (!hasRoom()) {
                throw new IOException("its disk has less than " + (LEAST_ROOM >> 10) + " KiB left; free some of it");
            }
            main.runFromConfig(config);
            if (closing.getCount() > 0) {
                LOG.error(
                        "The embedded directory has stopped because of an error; is the disk of {} full? Trying again",
                        directory);
            }
        } catch (Exception e) {
            if (!started.completeExceptionally(e)) {
                LOG.error("The embedded directory with its files in {} has stopped; trying again", directory, e);
            }
        } finally {
            main.release();
        }
    }

    private boolean closesWithin(int ms) {
        try {
            return closing.await(ms, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private static DirectoryException failed(String where, Path directory, Throwable e) {
        String reason = "the embedded directory with its files in " + directory + " does not start on " + where + ": "
                + Reasons.of(e, directory);
        if (e instanceof BindException) {
            reason += "; if another dsmd has its directory there, join it with --directory " + where
                    + ", else choose a free port with --directory embedded:PORT";
        }
        if (e instanceof FileSystemException) {
            reason += "; choose another place for the files of dsmd with --data";
        }
        return new DirectoryException(DirectoryException.Kind.UNREACHABLE, reason, e);
    }

    private static String literal(InetAddress address) {
        String text = address.getHostAddress();
        return text.indexOf(':') >= 0 ? "[" + text + "]" : text;
    }

    private static void setDefault(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }

    /** Tells when the server serves. */
    private final class Main extends ZooKeeperServerMain {
        /** Gives the port back, which a server that failed while it started still has. */
        void release() {
            shutdown();
        }

        @Override
        protected void serverStarted() {
            started.complete(null);
            if (closing.getCount() == 0) { // closed while it started; closing waits for threads of the server
                Thread closer = new Thread(this::close, "directory-server-close");
                closer.setDaemon(true);
                closer.start();
            }
        }
    }

    private static final class Config extends ServerConfig {
        Config(InetSocketAddress address, File directory) {
            clientPortAddress = address;
            dataDir = directory;
            dataLogDir = directory;
            tickTime = TICK_MS;
            minSessionTimeout = 2 * TICK_MS;
            maxSessionTimeout = 60_000;
            maxClientCnxns = 0; // no limit: several hosts may live behind one address
            initialConfig = "embedded in dsmd";
        }
    }
}
