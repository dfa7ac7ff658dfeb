package io.pagewire.daemon.directory;

import io.pagewire.daemon.directory.DirectoryException.Kind;
import io.pagewire.daemon.sys.Addresses;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What a new session does first: makes the directory's tree when it is not there, or carries over what is there in an
 * earlier layout, and takes this host's name.
 *
 * <p>A name that is taken may be a daemon's that was killed: its registration stays until its session expires. If it carries
 * the identity of this daemon's data directory, whose lock proves that the earlier daemon is dead, it is removed at once; else
 * it is given the time to expire.
 *
 * <p>Used by the directory's thread.
 */
final class Registration {
    private static final int POLL_MS = 100;

    private final HostRecord host;
    private final String servers;
    private final ScheduledExecutorService thread;
    private final OldLayout oldLayout;
    private final SecureRandom random = new SecureRandom();

    Registration(HostRecord host, String servers, ScheduledExecutorService thread) {
        this.host = host;
        this.servers = servers;
        this.thread = thread;
        this.oldLayout = new OldLayout(host, servers, thread);
    }

    /**
     * Completes with the directory's incarnation.
     *
     * @param current whether the connection is still the one this was started with
     * @param known the incarnation found by an earlier session; 0 = none
     */
    CompletableFuture<Long> register(Zk client, BooleanSupplier current, long known) {
        return client.sync()
                .exceptionallyCompose(e -> Failures.isNoNode(e) ? done() : CompletableFuture.failedFuture(e))
                .thenCompose(x -> incarnation(client, current))
                .thenCompose(incarnation -> {
                    if (known != 0 && known != incarnation) {
                        return failed(
                                Kind.INVALID,
                                "the directory at " + servers
                                        + " is not the one this dsmd has worked with (its data was"
                                        + " removed or the address leads elsewhere); restart dsmd");
                    }
                    long waitNs = (client.sessionTimeoutMs() + 2000) * 1_000_000L;
                    return takeName(client, current, System.nanoTime() + waitNs).thenApply(x -> incarnation);
                });
    }

    private CompletableFuture<Long> incarnation(Zk client, BooleanSupplier current) {
        return client.get(Nodes.ROOT)
                .exceptionallyCompose(e -> Failures.isNoNode(e) ? makeTree(client) : CompletableFuture.failedFuture(e))
                .thenCompose(node -> oldLayout.leave(client, node, current))
                .thenCompose(node -> {
                    try {
                        return CompletableFuture.completedFuture(Nodes.decodeRoot(node.data()));
                    } catch (BadNode e) {
                        return failed(
                                Kind.INVALID,
                                Failures.invalidNode(Nodes.ROOT, e).getMessage() + " (at " + servers
                                        + "; is that ZooKeeper used for something else?)");
                    }
                });
    }

    /** All nodes at once, so that the tree is never half made. */
    private CompletableFuture<Zk.Node> makeTree(Zk client) {
        long incarnation;
        do {
            incarnation = random.nextLong();
        } while (incarnation == 0);
        byte[] none = new byte[0];
        return client.multi(
                        Zk.createOp(Nodes.ROOT, Nodes.encodeRoot(incarnation)),
                        Zk.createOp(Nodes.SPACE, Nodes.encode(AddressSpace.fresh(incarnation))),
                        Zk.createOp(Nodes.NAMES, none),
                        Zk.createOp(Nodes.IDS, none),
                        Zk.createOp(Nodes.OWNED, none),
                        Zk.createOp(Nodes.OWNERS, none),
                        Zk.createOp(Nodes.HOSTS, none))
                .exceptionallyCompose(e -> Failures.isNodeExists(e) ? done() : CompletableFuture.failedFuture(e))
                .thenCompose(x -> client.sync())
                .thenCompose(x -> client.get(Nodes.ROOT));
    }

    private CompletableFuture<Void> takeName(Zk client, BooleanSupplier current, long deadlineNs) {
        String path = Nodes.host(host.name());
        return client.createEphemeral(path, Nodes.encode(host)).exceptionallyCompose(e -> {
            if (!Failures.isNodeExists(e)) {
                return CompletableFuture.failedFuture(e);
            }
            return client.get(path)
                    .thenCompose(node -> nameTaken(client, path, node, deadlineNs))
                    .exceptionallyCompose(f -> Failures.isNoNode(f) ? done() : CompletableFuture.failedFuture(f))
                    .thenCompose(mine -> Boolean.TRUE.equals(mine) ? done() : again(client, current, deadlineNs));
        });
    }

    /** True: it is this very session's. Else to be tried again. */
    private CompletableFuture<Boolean> nameTaken(Zk client, String path, Zk.Node node, long deadlineNs) {
        if (node.stat().getEphemeralOwner() == client.sessionId()) {
            return CompletableFuture.completedFuture(true);
        }
        String holder;
        try {
            HostRecord other = Nodes.decodeHost(node.data());
            if (other.identity() == host.identity()) {
                return client.delete(path, node.stat().getVersion()).thenApply(x -> false);
            }
            holder = "is taken by the dsmd at " + Addresses.of(other.address(), other.port());
        } catch (BadNode e) {
            holder = "is taken: " + Failures.invalidNode(path, e).getMessage();
        }
        if (System.nanoTime() - deadlineNs >= 0) {
            return failed(
                    Kind.HOST_TAKEN,
                    "host name \"" + host.name() + "\" " + holder + " (directory " + servers
                            + "); choose another one with --name");
        }
        return CompletableFuture.completedFuture(false);
    }

    private CompletableFuture<Void> again(Zk client, BooleanSupplier current, long deadlineNs) {
        Executor later = CompletableFuture.delayedExecutor(POLL_MS, TimeUnit.MILLISECONDS, thread);
        return CompletableFuture.supplyAsync(
                        () -> current.getAsBoolean()
                                ? takeName(client, current, deadlineNs)
                                : CompletableFuture.<Void>failedFuture(new IllegalStateException("connection lost")),
                        later)
                .thenCompose(x -> x);
    }

    private static <T> CompletableFuture<T> done() {
        return CompletableFuture.completedFuture(null);
    }

    private static <T> CompletableFuture<T> failed(Kind kind, String message) {
        return CompletableFuture.failedFuture(new DirectoryException(kind, message));
    }
}
