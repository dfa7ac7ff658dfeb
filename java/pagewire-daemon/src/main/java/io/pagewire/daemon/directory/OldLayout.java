package io.pagewire.daemon.directory;

import io.pagewire.daemon.directory.DirectoryException.Kind;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.zookeeper.Op;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries a directory of the first layout over into the present one. There all regions were children of one node, which nobody
 * can list any more when there are many; so they are found by their ids.
 *
 * <p>First the root gets the new version, which keeps daemons of the old layout away, together with a mark that not all regions
 * are at their new place yet. Then each is moved in a transaction of its own, and at last the mark is taken away. Every host that
 * finds the mark does all of it before it registers, so it does not matter how many do, nor where one of them is stopped.
 *
 * <p>Used by the directory's thread.
 */
final class OldLayout {
    private static final Logger LOG = LoggerFactory.getLogger(OldLayout.class);
    private static final int POLL_MS = 100;
    private static final int TELL_EVERY = 10_000;
    private static final byte[] NOTHING = new byte[0];

    /** Not all regions are at their new place yet. */
    static final String MARK = Nodes.ROOT + "/carry-over";

    private final HostRecord host;
    private final String servers;
    private final ScheduledExecutorService thread;
    private final Folders folders = new Folders();

    OldLayout(HostRecord host, String servers, ScheduledExecutorService thread) {
        this.host = host;
        this.servers = servers;
        this.thread = thread;
    }

    /**
     * Completes with the root of a directory that has the present layout.
     *
     * @param root as it was found
     */
    CompletableFuture<Zk.Node> leave(Zk client, Zk.Node root, BooleanSupplier current) {
        long waitNs = (client.sessionTimeoutMs() + 2000) * 1_000_000L;
        return begin(client, root, current, System.nanoTime() + waitNs)
                .thenCompose(present -> client.exists(MARK, null)
                        .thenCompose(mark -> mark == null
                                ? CompletableFuture.completedFuture(present)
                                : moveAll(client).thenApply(x -> present)));
    }

    private CompletableFuture<Zk.Node> begin(Zk client, Zk.Node root, BooleanSupplier current, long deadlineNs) {
        if (!Nodes.isOldRoot(root.data())) {
            return CompletableFuture.completedFuture(root);
        }
        long incarnation;
        try {
            incarnation = Nodes.decodeOldRoot(root.data());
        } catch (BadNode e) {
            return CompletableFuture.completedFuture(root); // whoever decodes it says what is wrong
        }
        return client.children(Nodes.HOSTS)
                .thenCompose(hosts -> others(client, hosts))
                .thenCompose(others -> {
                    if (others.isEmpty()) {
                        return mark(client, root, incarnation).thenCompose(x -> client.get(Nodes.ROOT));
                    }
                    if (System.nanoTime() - deadlineNs >= 0) {
                        return Failures.failed(
                                Kind.INVALID,
                                "the directory at " + servers
                                        + " was made by an earlier version of dsmd, and these hosts"
                                        + " still work with it: " + String.join(", ", others)
                                        + "; stop dsmd there, start this one, and update the others");
                    }
                    return CompletableFuture.supplyAsync(
                                    () -> current.getAsBoolean(),
                                    CompletableFuture.delayedExecutor(POLL_MS, TimeUnit.MILLISECONDS, thread))
                            .thenCompose(still -> still
                                    ? client.get(Nodes.ROOT)
                                            .thenCompose(again -> begin(client, again, current, deadlineNs))
                                    : CompletableFuture.failedFuture(new IllegalStateException("connection lost")));
                });
    }

    /** Daemons that are registered, without an earlier run of this one, which is dead. */
    private CompletableFuture<List<String>> others(Zk client, List<String> hosts) {
        if (!hosts.contains(host.name())) {
            return CompletableFuture.completedFuture(hosts);
        }
        return client.get(Nodes.host(host.name()))
                .thenApply(node -> {
                    try {
                        return Nodes.decodeHost(node.data()).identity() == host.identity();
                    } catch (BadNode e) {
                        return false;
                    }
                })
                .exceptionallyCompose(e -> Failures.isNoNode(e)
                        ? CompletableFuture.completedFuture(true)
                        : CompletableFuture.failedFuture(e))
                .thenApply(own -> hosts.stream()
                        .filter(name -> !own || !name.equals(host.name()))
                        .sorted()
                        .toList());
    }

    private static CompletableFuture<Void> mark(Zk client, Zk.Node root, long incarnation) {
        return client.multi(
                        Op.setData(
                                Nodes.ROOT,
                                Nodes.encodeRoot(incarnation),
                                root.stat().getVersion()),
                        Zk.createOp(MARK, NOTHING),
                        Zk.createOp(Nodes.NAMES, NOTHING),
                        Zk.createOp(Nodes.OWNED, NOTHING))
                .exceptionallyCompose(e -> Failures.isBadVersion(e)
                        ? client.sync() // another host was faster
                        : CompletableFuture.failedFuture(e));
    }

    private CompletableFuture<Void> moveAll(Zk client) {
        AtomicInteger moved = new AtomicInteger();
        return client.get(Nodes.SPACE)
                .thenCompose(node -> {
                    try {
                        int nextId = Nodes.decodeSpace(node.data()).nextId();
                        LOG.info("Carrying the regions of an earlier version's directory over; {} ids", nextId - 1);
                        return Pipeline.each(IntStream.range(1, nextId)::iterator, id -> move(client, id, moved));
                    } catch (BadNode e) {
                        return CompletableFuture.failedFuture(Failures.invalidNode(Nodes.SPACE, e));
                    }
                })
                .thenCompose(x -> {
                    LOG.info("Carried {} regions over", moved.get());
                    return removed(client, Nodes.OLD_REGIONS);
                })
                .thenCompose(x -> removed(client, MARK));
    }

    private CompletableFuture<Void> move(Zk client, int id, AtomicInteger moved) {
        return Regions.readName(client, id)
                .thenCompose(name -> name == null
                        ? CompletableFuture.completedFuture(null)
                        : Regions.readAt(client, Nodes.oldRegion(name), name))
                .exceptionallyCompose(e -> {
                    if (Failures.isNoNode(e)) {
                        return CompletableFuture.completedFuture(null); // moved already
                    }
                    if (Failures.unwrap(e) instanceof DirectoryException bad) {
                        LOG.warn("{}; it is not carried over", bad.getMessage());
                        return CompletableFuture.completedFuture(null);
                    }
                    return CompletableFuture.failedFuture(e);
                })
                .thenCompose(record -> {
                    if (record == null || record.id() != id) {
                        return CompletableFuture.completedFuture(null);
                    }
                    return folders.make(client, record)
                            .thenCompose(x -> client.multi(
                                    Zk.createOp(Nodes.region(record.name()), Nodes.encode(record)),
                                    Zk.createOp(Nodes.owned(record.owner(), id), NOTHING),
                                    Op.delete(Nodes.oldRegion(record.name()), Zk.ANY_VERSION)))
                            .thenAccept(x -> {
                                if (moved.incrementAndGet() % TELL_EVERY == 0) {
                                    LOG.info("Carried {} regions over, up to id {}", moved.get(), id);
                                }
                            })
                            .exceptionallyCompose(e -> Failures.isNodeExists(e) || Failures.isNoNode(e)
                                    ? CompletableFuture.completedFuture(null) // another host was faster
                                    : CompletableFuture.failedFuture(e));
                });
    }

    private static CompletableFuture<Void> removed(Zk client, String path) {
        return client.delete(path, Zk.ANY_VERSION).exceptionallyCompose(e -> {
            if (Failures.isNotEmpty(e)) {
                LOG.warn("Nodes below {} are no regions and are left there", path);
                return CompletableFuture.completedFuture(null);
            }
            return Failures.isNoNode(e) ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(e);
        });
    }
}
