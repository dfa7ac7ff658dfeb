package io.pagewire.daemon.directory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/**
 * The directory on ZooKeeper; {@link Nodes} has the tree.
 *
 * <p>Safe for use by any thread; all work is done on one thread of its own.
 */
final class ZooDirectory implements Directory {
    private final int operationTimeoutMs;
    private final HostRecord host;
    private final ScheduledExecutorService thread;
    private final DirectorySession session;
    private final EmbeddedServer server;
    private final Regions regions;
    private final Listing listing;
    private final Claims claims;
    private final OwnerWatches watches;
    /** Operations that have not ended yet, and what they do. */
    private final Map<CompletableFuture<?>, String> running = new ConcurrentHashMap<>();

    /** @param server the embedded one, which is this object's to close; else null */
    ZooDirectory(
            DirectorySettings settings,
            HostRecord host,
            ScheduledExecutorService thread,
            DirectorySession session,
            EmbeddedServer server) {
        this.operationTimeoutMs = settings.operationTimeoutMs();
        this.host = host;
        this.thread = thread;
        this.session = session;
        this.server = server;
        this.regions = new Regions(host);
        this.listing = new Listing(regions, this::asConnected, thread);
        this.claims = new Claims(host, settings.embedded());
        this.watches = new OwnerWatches(session, thread);
    }

    /** The server in this process, or null. */
    EmbeddedServer server() {
        return server;
    }

    /** As a test wants it. */
    void claimAtMost(int most) {
        claims.atMost(most);
    }

    @Override
    public long incarnation() {
        return session.incarnation();
    }

    @Override
    public CompletableFuture<RegionRecord> create(RegionSpec spec) {
        String reason = Regions.check(spec);
        if (reason != null) {
            return Failures.failed(DirectoryException.Kind.INVALID, reason);
        }
        List<RegionRecord> tried = new ArrayList<>();
        return asRegistered(
                "creating region " + Names.quote(spec.name()), client -> regions.create(client, spec, tried));
    }

    @Override
    public CompletableFuture<OwnerRecord> claim(RegionRecord record, boolean lost) {
        return isOurs(record)
                ? asRegistered(
                        "claiming region " + Names.quote(record.name()), client -> claims.claim(client, record, lost))
                : notOurs(record);
    }

    @Override
    public CompletableFuture<RegionRecord> lookup(String name) {
        String reason = Names.checkRegion(name);
        if (reason != null) {
            return Failures.failed(DirectoryException.Kind.INVALID, reason);
        }
        return asConnected("looking up region " + Names.quote(name), client -> regions.lookup(client, name));
    }

    @Override
    public CompletableFuture<OwnerRecord> owner(int regionId) {
        return owner(regionId, operationTimeoutMs);
    }

    @Override
    public CompletableFuture<OwnerRecord> owner(int regionId, int deadlineMs) {
        return run(
                "asking for the owner of region " + regionId,
                false,
                deadlineMs,
                client -> claims.owner(client, regionId));
    }

    @Override
    public CompletableFuture<Map<Integer, OwnerRecord>> owners(Collection<Integer> regionIds) {
        ManyReads reads = new ManyReads();
        return asConnected(
                "asking for the owners of regions",
                client -> claims.owners(client, List.copyOf(regionIds), reads.attempt()));
    }

    @Override
    public CompletableFuture<RegionPage> list(String after, int limit) {
        return listing.page(after, limit);
    }

    @Override
    public CompletableFuture<List<RegionRecord>> own(int fromId) {
        ManyReads reads = new ManyReads();
        return asConnected("listing the regions of this host", client -> regions.own(client, fromId, reads.attempt()));
    }

    @Override
    public CompletableFuture<Void> delete(RegionRecord record) {
        boolean[] tried = new boolean[1];
        return isOurs(record)
                ? asRegistered(
                        "deleting region " + Names.quote(record.name()),
                        client -> regions.delete(client, record, tried).thenAccept(x -> claims.deleted(record)))
                : notOurs(record);
    }

    @Override
    public CompletableFuture<Void> retire(RegionRecord stream) {
        if (!stream.isStream()) {
            return Failures.failed(
                    DirectoryException.Kind.INVALID, "region " + Names.quote(stream.name()) + " is no frame stream");
        }
        boolean[] tried = new boolean[1];
        return asRegistered(
                "retiring stream " + Names.quote(stream.name()),
                client -> regions.retire(client, stream, tried).thenAccept(x -> claims.deleted(stream)));
    }

    @Override
    public void watch(int regionId, OwnerListener listener) {
        Objects.requireNonNull(listener);
        onThread(() -> watches.add(regionId, listener));
    }

    @Override
    public void unwatch(int regionId, OwnerListener listener) {
        onThread(() -> watches.remove(regionId, listener));
    }

    @Override
    public String connectString() {
        return session.servers();
    }

    @Override
    public boolean embedded() {
        return server != null;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (RejectedExecutionException e) {
            return; // was closed before
        }
        thread.shutdownNow();
        running.forEach((result, what) -> result.completeExceptionally(session.late(what, operationTimeoutMs)));
        if (server != null) {
            server.close();
        }
    }

    private boolean isOurs(RegionRecord record) {
        return record.owner().equals(host.name());
    }

    private static <T> CompletableFuture<T> notOurs(RegionRecord record) {
        return Failures.failed(
                DirectoryException.Kind.OWNED,
                "region " + Names.quote(record.name()) + " belongs to host \"" + record.owner()
                        + "\"; only its dsmd may do that");
    }

    private <T> CompletableFuture<T> asConnected(String what, Function<Zk, CompletableFuture<T>> step) {
        return run(what, false, operationTimeoutMs, step);
    }

    private <T> CompletableFuture<T> asRegistered(String what, Function<Zk, CompletableFuture<T>> step) {
        return run(what, true, operationTimeoutMs, step);
    }

    private <T> CompletableFuture<T> run(
            String what, boolean needsRegistration, int deadlineMs, Function<Zk, CompletableFuture<T>> step) {
        CompletableFuture<T> result = new CompletableFuture<>();
        running.put(result, what);
        result.whenComplete((value, e) -> running.remove(result));
        boolean accepted = onThread(
                () -> new Operation<>(session, thread, what, needsRegistration, step, result).start(deadlineMs));
        if (!accepted) {
            result.completeExceptionally(session.late(what, deadlineMs));
        }
        return result;
    }

    /** False when the directory is closed. */
    private boolean onThread(Runnable task) {
        try {
            thread.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
