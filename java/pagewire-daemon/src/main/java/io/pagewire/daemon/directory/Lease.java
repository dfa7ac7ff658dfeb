package io.pagewire.daemon.directory;

import io.pagewire.daemon.sys.Sys;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;

/**
 * How long the session is sure to live, and so the claims made in it. The answer to a request proves something about the
 * moment the request was sent:
 *
 * <ul>
 *   <li>The one server of this process's own starts the session's time anew when a request comes in, so a read will do.
 *   <li>In an ensemble the leader decides. A server that is cut off from it goes on answering reads for seconds, so only a
 *       write proves that the leader lives and knows the session. The leader hears of sessions from the other servers with
 *       their pings, every half tick; the server refuses sessions shorter than two ticks, so a ping comes at least every
 *       quarter of the session's time, and brings news that is at most one request interval old.
 * </ul>
 *
 * <p>Used by the directory's thread.
 */
final class Lease {
    private static final int MAX_INTERVAL_MS = 500;

    private final HostRecord host;
    private final boolean ownServer;
    private final int intervalMs;

    /** @param sessionTimeoutMs asked of the server */
    Lease(HostRecord host, boolean ownServer, int sessionTimeoutMs) {
        this.host = host;
        this.ownServer = ownServer;
        this.intervalMs = Math.min(MAX_INTERVAL_MS, sessionTimeoutMs / 8);
    }

    /** Time between two renewals. */
    int intervalMs() {
        return intervalMs;
    }

    /** Completes with the end of the lease, ns of CLOCK_BOOTTIME; NoNode when the host is not registered in this session. */
    CompletableFuture<Long> renew(Zk client) {
        long sentNs = Sys.bootTimeNs();
        String path = Nodes.host(host.name());
        CompletableFuture<Stat> answer =
                ownServer ? client.exists(path, null) : client.set(path, Nodes.encode(host), Zk.ANY_VERSION);
        return answer.thenCompose(stat -> {
            if (stat == null || stat.getEphemeralOwner() != client.sessionId()) {
                return CompletableFuture.failedFuture(new KeeperException.NoNodeException(path));
            }
            return CompletableFuture.completedFuture(
                    sentNs + sureMs(client.sessionTimeoutMs(), intervalMs, ownServer) * 1_000_000L);
        });
    }

    /** How much of a session's time is sure, counted from the sending of a request that was answered. */
    static long sureMs(int sessionTimeoutMs, int intervalMs, boolean ownServer) {
        int margin = sessionTimeoutMs / 10;
        return ownServer ? sessionTimeoutMs - margin : sessionTimeoutMs - sessionTimeoutMs / 4 - intervalMs - margin;
    }
}
