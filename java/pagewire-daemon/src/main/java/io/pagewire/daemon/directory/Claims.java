package io.pagewire.daemon.directory;

import io.pagewire.daemon.sys.Addresses;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.Op;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt each at claiming a region and at finding its owner. All may be repeated: see {@link Operation}.
 *
 * <p>Used by the directory's thread.
 */
final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

    /**
     * When a session ends, ZooKeeper writes the paths of all its claims into one transaction, and can read none of more than 2
     * MiB again: neither its other servers nor itself after a restart. Each path takes up to 31 bytes of it. The embedded server
     * reads longer ones.
     */
    static final int MOST_ELSEWHERE = 60_000;

    private final HostRecord host;
    private volatile int most;
    /** The regions claimed in the session, as far as this process knows: what was deleted by another counts on. */
    private final Set<Integer> claimed = new HashSet<>();

    private long session;

    Claims(HostRecord host, boolean embedded) {
        this.host = host;
        this.most = embedded ? Integer.MAX_VALUE : MOST_ELSEWHERE;
    }

    void atMost(int claims) {
        most = claims;
    }

    /** Its claim is gone with it. */
    void deleted(RegionRecord record) {
        claimed.remove(record.id());
    }

    CompletableFuture<OwnerRecord> claim(Zk client, RegionRecord record, boolean lost) {
        if (session != client.sessionId()) {
            session = client.sessionId();
            claimed.clear();
        }
        if (!claimed.contains(record.id()) && claimed.size() >= most) {
            return Failures.failed(
                    DirectoryException.Kind.INVALID,
                    "region " + Names.quote(record.name()) + " cannot be claimed: host \"" + host.name()
                            + "\" has " + claimed.size()
                            + " regions, and no ZooKeeper but the embedded one is safe with"
                            + " more claims in a session; let other hosts own some");
        }
        claimed.add(record.id());
        OwnerRecord claim =
                new OwnerRecord(record.id(), host.name(), host.address(), host.port(), host.session(), 0, lost);
        String path = Nodes.owner(record.id());
        return client.multi(
                        Op.check(Nodes.id(record.id()), Zk.ANY_VERSION),
                        Zk.createEphemeralOp(path, Nodes.encode(claim)))
                .exceptionallyCompose(e -> {
                    if (Failures.isNodeExists(e)) {
                        return CompletableFuture.completedFuture(null); // whose it is shows below
                    }
                    return CompletableFuture.failedFuture(Failures.isNoNode(e) ? Regions.unknown(record) : e);
                })
                .thenCompose(x -> client.fresh(() -> client.get(path)))
                .exceptionallyCompose(e ->
                        // Gone between two requests, with the session that held it: once more.
                        CompletableFuture.failedFuture(Failures.isNoNode(e) ? Failures.retry(e) : e))
                .thenCompose(node -> judge(client, record, claim, node));
    }

    private CompletableFuture<OwnerRecord> judge(Zk client, RegionRecord record, OwnerRecord claim, Zk.Node node) {
        String path = Nodes.owner(record.id());
        boolean mine = node.stat().getEphemeralOwner() == client.sessionId();
        OwnerRecord wanted = new OwnerRecord(
                record.id(),
                claim.host(),
                claim.address(),
                claim.port(),
                claim.session(),
                node.stat().getCzxid(),
                claim.lost());
        OwnerRecord found;
        try {
            found = Nodes.decodeOwner(node.data(), record.id(), wanted.epoch());
        } catch (BadNode e) {
            return CompletableFuture.failedFuture(Failures.invalidNode(path, e));
        }
        if (mine && found.equals(wanted)) {
            return CompletableFuture.completedFuture(found);
        }
        if (mine) {
            return client.set(path, Nodes.encode(wanted), node.stat().getVersion())
                    .thenApply(x -> wanted);
        }
        if (found.host().equals(host.name())) {
            // Left by an earlier session of this host. Nobody else can have its name: we are registered under it.
            return client.delete(path, node.stat().getVersion())
                    .thenCompose(x -> CompletableFuture.failedFuture(Failures.retry(null)));
        }
        return Failures.failed(
                DirectoryException.Kind.OWNED,
                "region " + Names.quote(record.name()) + " is held by host \"" + found.host() + "\" at "
                        + Addresses.of(found.address(), found.port()));
    }

    CompletableFuture<OwnerRecord> owner(Zk client, int regionId) {
        String path = Nodes.owner(regionId);
        return client.fresh(() -> client.get(path))
                .thenCompose(node -> {
                    try {
                        return CompletableFuture.completedFuture(Nodes.decodeOwner(
                                node.data(), regionId, node.stat().getCzxid()));
                    } catch (BadNode e) {
                        return CompletableFuture.failedFuture(Failures.invalidNode(path, e));
                    }
                })
                .exceptionallyCompose(
                        e -> Failures.isNoNode(e) ? noOwner(client, regionId) : CompletableFuture.failedFuture(e));
    }

    CompletableFuture<Map<Integer, OwnerRecord>> owners(Zk client, List<Integer> regionIds, ManyReads reads) {
        Map<Integer, OwnerRecord> owners = new HashMap<>();
        return client.sync()
                .thenCompose(x -> reads.all(client, regionIds, Nodes::owner, (id, node) -> {
                    try {
                        owners.put(
                                id,
                                Nodes.decodeOwner(node.data(), id, node.stat().getCzxid()));
                    } catch (BadNode e) {
                        LOG.warn("{}", Failures.invalidNode(Nodes.owner(id), e).getMessage());
                    }
                }))
                .thenApply(x -> owners);
    }

    private static CompletableFuture<OwnerRecord> noOwner(Zk client, int regionId) {
        return client.exists(Nodes.id(regionId), null)
                .thenCompose(stat -> stat == null
                        ? Failures.failed(
                                DirectoryException.Kind.UNKNOWN_REGION, "there is no region with id " + regionId)
                        : Failures.failed(
                                DirectoryException.Kind.NO_OWNER,
                                "region " + regionId + " has no live owner: the dsmd of its host is down or cut off"));
    }
}
