package io.pagewire.daemon.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.pagewire.daemon.sys.Sys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/**
 * Opens directories for tests, the first with an embedded server, and closes them, the server last.
 *
 * <p>Used by one thread; several may open directories at a time.
 */
final class Hosts implements AutoCloseable {
    static final int PAGE = 4096;
    static final int SESSION_MS = 1500;

    /** Only ends a test that hangs. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    static {
        Awaitility.setDefaultTimeout(PATIENCE);
    }

    private final Deque<Directory> opened = new ConcurrentLinkedDeque<>();
    private final Path data;
    private final int sessionMs;

    /** With sessions so short that a test can wait for their end. */
    Hosts(Path data) {
        this(data, SESSION_MS);
    }

    Hosts(Path data, int sessionMs) {
        this.data = data;
        this.sessionMs = sessionMs;
    }

    Directory embedded(String name) throws DirectoryException {
        return embedded(name, 0, identityOf(name), new Log());
    }

    Directory embedded(String name, int port, long identity, Log log) throws DirectoryException {
        DirectorySettings settings =
                new DirectorySettings(true, null, "127.0.0.1", port, data.resolve(name), identity, sessionMs, 5000);
        return keep(Directories.open(settings, name, "127.0.0.1", 7001, identity + 1, log));
    }

    Directory joined(String name, String servers) throws DirectoryException {
        return joined(name, servers, identityOf(name), new Log());
    }

    Directory joined(String name, String servers, long identity, Log log) throws DirectoryException {
        return keep(Directories.open(settings(name, servers, identity), name, "127.0.0.1", 7002, identity + 2, log));
    }

    DirectorySettings settings(String name, String servers, long identity) {
        return new DirectorySettings(false, servers, null, 0, data.resolve(name), identity, sessionMs, 5000);
    }

    static long identityOf(String name) {
        return 0x1000L + name.hashCode();
    }

    private Directory keep(Directory directory) {
        opened.push(directory);
        return directory;
    }

    void close(Directory directory) {
        opened.remove(directory);
        directory.close();
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    static <T> T get(CompletableFuture<T> future) throws DirectoryException {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DirectoryException failure) {
                throw failure;
            }
            throw new AssertionError("not a DirectoryException", e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("no answer within " + PATIENCE, e);
        }
    }

    /** All regions, page by page. */
    static List<RegionRecord> all(Directory directory) throws DirectoryException {
        List<RegionRecord> all = new ArrayList<>();
        RegionPage page = new RegionPage(List.of(), "");
        while (page.next() != null) {
            page = get(directory.list(page.next(), 700));
            all.addAll(page.regions());
        }
        return all;
    }

    static DirectoryException failureOf(CompletableFuture<?> future) {
        try {
            Object value = get(future);
            return fail("expected a failure, got " + value);
        } catch (DirectoryException e) {
            assertThat(e.getMessage()).isNotBlank().doesNotContain("Exception");
            return e;
        }
    }

    static RegionSpec spec(String name) {
        return RegionSpec.created(name, PAGE, PAGE);
    }

    /** Writes down what a listener hears. */
    static final class Log implements DirectoryListener {
        final List<String> events = new CopyOnWriteArrayList<>();
        volatile long leaseEndNs;
        volatile long connectedAtNs;
        volatile long expiredToldAtNs;

        @Override
        public void connected(long sessionEstablishedBootNs) {
            connectedAtNs = sessionEstablishedBootNs;
            events.add("connected");
        }

        @Override
        public void disconnected() {
            events.add("disconnected");
        }

        @Override
        public void expired() {
            expiredToldAtNs = Sys.bootTimeNs();
            events.add("expired");
        }

        @Override
        public void leaseExtended(long endBootNs) {
            leaseEndNs = endBootNs;
        }
    }

    /** Writes down what is told about owners. */
    static class Owners implements OwnerListener {
        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void ownerChanged(OwnerRecord owner) {
            events.add("owner " + owner.host() + " " + owner.epoch());
        }

        @Override
        public void ownerGone(int regionId) {
            events.add("gone " + regionId);
        }

        @Override
        public void regionDeleted(int regionId) {
            events.add("deleted " + regionId);
        }
    }
}
