package io.pagewire.daemon.directory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/**
 * ZooKeeper's asynchronous calls as futures that complete on the directory's thread, with a {@link KeeperException} when
 * they fail. Each answer comes in the order of the requests.
 *
 * <p>Safe for use by any thread; in fact used by the directory's.
 */
final class Zk {
    /** Everybody may do everything: access to the directory is guarded by the network it is on. */
    private static final List<ACL> OPEN =
            Collections.singletonList(new ACL(ZooDefs.Perms.ALL, new Id("world", "anyone")));

    static final int ANY_VERSION = -1;

    /** A node's data and the facts about it. */
    record Node(byte[] data, Stat stat) {}

    private final ZooKeeper zk;
    private final Executor executor;

    Zk(ZooKeeper zk, Executor executor) {
        this.zk = zk;
        this.executor = executor;
    }

    long sessionId() {
        return zk.getSessionId();
    }

    /** As negotiated with the server. */
    int sessionTimeoutMs() {
        return zk.getSessionTimeout();
    }

    CompletableFuture<Node> get(String path) {
        CompletableFuture<Node> future = new CompletableFuture<>();
        zk.getData(
                path,
                null,
                (rc, p, ctx, data, stat) -> answer(future, rc, path, rc == 0 ? new Node(data, stat) : null),
                null);
        return future;
    }

    /** Several nodes in one packet, null for those that do not exist. Together they must be well below 1 MiB. */
    CompletableFuture<List<Node>> getAll(List<String> paths) {
        CompletableFuture<List<Node>> future = new CompletableFuture<>();
        zk.multi(
                paths.stream().map(Op::getData).toList(),
                (rc, p, ctx, results) -> {
                    // The code is that of the first node that could not be read, if there was an answer at all.
                    int failure = results == null ? rc : failure(results);
                    answer(future, failure, paths.get(0), failure == 0 ? nodes(results) : null);
                },
                null);
        return future;
    }

    private static int failure(List<OpResult> results) {
        for (OpResult result : results) {
            if (result instanceof OpResult.ErrorResult error
                    && error.getErr() != KeeperException.Code.NONODE.intValue()) {
                return error.getErr();
            }
        }
        return 0;
    }

    private static List<Node> nodes(List<OpResult> results) {
        List<Node> nodes = new ArrayList<>(results.size());
        for (OpResult result : results) {
            nodes.add(
                    result instanceof OpResult.GetDataResult found ? new Node(found.getData(), found.getStat()) : null);
        }
        return nodes;
    }

    /** The node's facts, or null when there is no such node; the watcher (may be null) hears of the next change. */
    CompletableFuture<Stat> exists(String path, Watcher watcher) {
        CompletableFuture<Stat> future = new CompletableFuture<>();
        zk.exists(
                path,
                watcher,
                (rc, p, ctx, stat) -> answer(future, rc == KeeperException.Code.NONODE.intValue() ? 0 : rc, path, stat),
                null);
        return future;
    }

    CompletableFuture<List<String>> children(String path) {
        CompletableFuture<List<String>> future = new CompletableFuture<>();
        zk.getChildren(path, null, (rc, p, ctx, children) -> answer(future, rc, path, children), (Object) null);
        return future;
    }

    CompletableFuture<Void> createEphemeral(String path, byte[] data) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        zk.create(path, data, OPEN, CreateMode.EPHEMERAL, (rc, p, ctx, name) -> answer(future, rc, path, null), null);
        return future;
    }

    CompletableFuture<Void> create(String path, byte[] data) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        zk.create(path, data, OPEN, CreateMode.PERSISTENT, (rc, p, ctx, name) -> answer(future, rc, path, null), null);
        return future;
    }

    CompletableFuture<Stat> set(String path, byte[] data, int version) {
        CompletableFuture<Stat> future = new CompletableFuture<>();
        zk.setData(path, data, version, (rc, p, ctx, stat) -> answer(future, rc, path, stat), null);
        return future;
    }

    CompletableFuture<Void> delete(String path, int version) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        zk.delete(path, version, (rc, p, ctx) -> answer(future, rc, path, null), null);
        return future;
    }

    /** All or nothing. A failure has the path of the operation that failed. */
    CompletableFuture<Void> multi(Op... operations) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        zk.multi(
                List.of(operations),
                (rc, p, ctx, results) -> answer(future, rc, failedPath(rc, operations, results), null),
                null);
        return future;
    }

    /** Operations before the one that failed carry 0, those after it another code. */
    private static String failedPath(int rc, Op[] operations, List<OpResult> results) {
        for (int i = 0; rc != 0 && results != null && i < results.size(); i++) {
            if (results.get(i) instanceof OpResult.ErrorResult error && error.getErr() == rc) {
                return operations[i].getPath();
            }
        }
        return operations[0].getPath();
    }

    /** Makes later reads see everything that was committed before. */
    CompletableFuture<Void> sync() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        zk.sync(Nodes.ROOT, (rc, p, ctx) -> answer(future, rc, Nodes.ROOT, null), null);
        return future;
    }

    /** A read that fails with NoNode is done again after {@link #sync}: the server asked may only have been behind. */
    <T> CompletableFuture<T> fresh(Supplier<CompletableFuture<T>> read) {
        return read.get()
                .exceptionallyCompose(e ->
                        Failures.isNoNode(e) ? sync().thenCompose(x -> read.get()) : CompletableFuture.failedFuture(e));
    }

    static Op createOp(String path, byte[] data) {
        return Op.create(path, data, OPEN, CreateMode.PERSISTENT);
    }

    static Op createEphemeralOp(String path, byte[] data) {
        return Op.create(path, data, OPEN, CreateMode.EPHEMERAL);
    }

    private <T> void answer(CompletableFuture<T> future, int rc, String path, T value) {
        Runnable completion = () -> {
            if (rc == 0) {
                future.complete(value);
            } else {
                future.completeExceptionally(KeeperException.create(KeeperException.Code.get(rc), path));
            }
        };
        try {
            executor.execute(completion);
        } catch (RejectedExecutionException e) {
            completion.run(); // the directory was closed; nobody waits for the answer any more
        }
    }
}
