package io.pagewire.daemon.directory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt each at making, finding and deleting regions. All may be repeated: see {@link Operation}.
 *
 * <p>Used by the directory's thread.
 */
final class Regions {
    private static final Logger LOG = LoggerFactory.getLogger(Regions.class);
    private static final int MAX_FILE_LENGTH = 4096;
    private static final byte[] NOTHING = new byte[0];

    private final HostRecord host;
    private final Folders folders = new Folders();

    Regions(HostRecord host) {
        this.host = host;
    }

    /** Null when good, else the reason why not. */
    static String check(RegionSpec spec) {
        String reason = Names.checkRegion(spec.name());
        if (reason != null) {
            return reason;
        }
        String region = "region " + Names.quote(spec.name());
        if (spec.pageSize() < RegionRecord.MIN_PAGE_SIZE
                || spec.pageSize() > RegionRecord.MAX_PAGE_SIZE
                || Integer.bitCount(spec.pageSize()) != 1) {
            return region + ": the page size of " + spec.pageSize() + " bytes is not a power of two between "
                    + RegionRecord.MIN_PAGE_SIZE + " and " + RegionRecord.MAX_PAGE_SIZE;
        }
        if (spec.size() < 1 || spec.size() > RegionRecord.MAX_SIZE) {
            return region + ": the size of " + spec.size() + " bytes is not between 1 and " + RegionRecord.MAX_SIZE;
        }
        if (spec.kind() == Kind.STREAM) {
            return checkStream(spec);
        }
        if (spec.kind() == Kind.CREATED && spec.resident()) {
            return region + ": only an exported file can be made resident; a created region is always in memory";
        }
        if (spec.kind() == Kind.CREATED) {
            return spec.file() == null ? null : region + ": a created region has no file";
        }
        if (spec.file() == null || !spec.file().startsWith("/")) {
            return region + ": the file " + spec.file() + " is not an absolute path";
        }
        if (spec.file().length() > MAX_FILE_LENGTH) {
            return region + ": the path of its file is longer than " + MAX_FILE_LENGTH + " characters";
        }
        return null;
    }

    private static String checkStream(RegionSpec spec) {
        String stream = "stream " + Names.quote(spec.name());
        if (spec.size() > RegionRecord.MAX_FRAME_SIZE) {
            return stream + ": frames of " + spec.size() + " bytes; at most " + RegionRecord.MAX_FRAME_SIZE
                    + " are possible";
        }
        boolean plain = spec.file() == null && !spec.anyWriter() && !spec.resident();
        return plain && spec.pageSize() == RegionRecord.MIN_PAGE_SIZE
                ? null
                : stream + ": a stream has no file, one producer and pages of " + RegionRecord.MIN_PAGE_SIZE + " bytes";
    }

    /** @param tried the records of earlier attempts, whose answers may have been lost; this attempt adds its own */
    CompletableFuture<RegionRecord> create(Zk client, RegionSpec spec, List<RegionRecord> tried) {
        return client.get(Nodes.SPACE).thenCompose(node -> {
            AddressSpace.Allotment allotment;
            try {
                allotment = Nodes.decodeSpace(node.data()).allot(Nodes.roundUp(spec.size(), spec.pageSize()));
            } catch (BadNode e) {
                return CompletableFuture.failedFuture(Failures.invalidNode(Nodes.SPACE, e));
            }
            if (allotment == null) {
                return Failures.failed(
                        DirectoryException.Kind.INVALID,
                        "the directory has no room for a region of " + spec.size()
                                + " bytes any more (address ranges are never used again)");
            }
            RegionRecord region = record(spec, allotment);
            tried.add(region);
            return folders.make(client, region)
                    .thenCompose(x -> client.multi(
                            Op.setData(
                                    Nodes.SPACE,
                                    Nodes.encode(allotment.rest()),
                                    node.stat().getVersion()),
                            Zk.createOp(Nodes.region(region.name()), Nodes.encode(region)),
                            Zk.createOp(Nodes.id(region.id()), Nodes.encodeId(region.name())),
                            Zk.createOp(Nodes.owned(region.owner(), region.id()), NOTHING)))
                    .thenApply(x -> region)
                    .exceptionallyCompose(e -> {
                        if (Failures.isNoNode(e)) {
                            folders.forget(); // somebody has removed one by hand
                            return CompletableFuture.failedFuture(Failures.retry(e));
                        }
                        return CompletableFuture.failedFuture(e);
                    })
                    .exceptionallyCompose(e -> Failures.isNodeExists(e) || Failures.isBadVersion(e)
                            ? existing(client, spec.name(), tried, e)
                            : CompletableFuture.failedFuture(e));
        });
    }

    /** Somebody was faster, with this name or another; or it was an earlier attempt of this operation. */
    private CompletableFuture<RegionRecord> existing(
            Zk client, String name, List<RegionRecord> tried, Throwable failure) {
        return client.sync()
                .thenCompose(x -> read(client, name))
                .thenCompose(found -> tried.contains(found)
                        ? CompletableFuture.completedFuture(found)
                        : Failures.failed(
                                DirectoryException.Kind.EXISTS, "region " + Names.quote(name) + exists(found)))
                .exceptionallyCompose(
                        e -> CompletableFuture.failedFuture(Failures.isNoNode(e) ? Failures.retry(failure) : e));
    }

    private static String exists(RegionRecord found) {
        return found.isStream()
                ? " cannot be made: a frame stream of host \"" + found.owner()
                        + "\" has that name; choose another one, or subscribe to the stream"
                : " exists already: " + found.size() + " bytes, owned by host \"" + found.owner() + "\"";
    }

    private RegionRecord record(RegionSpec spec, AddressSpace.Allotment allotment) {
        long span = Nodes.roundUp(spec.size(), spec.pageSize());
        return new RegionRecord(
                spec.name(),
                allotment.id(),
                allotment.base(),
                span,
                spec.kind() == Kind.CREATED ? span : spec.size(),
                spec.pageSize(),
                spec.kind(),
                host.name(),
                spec.file(),
                host.session(),
                spec.anyWriter(),
                spec.resident());
    }

    /** Fails with NoNode when there is no such region. */
    CompletableFuture<RegionRecord> read(Zk client, String name) {
        return readAt(client, Nodes.region(name), name);
    }

    static CompletableFuture<RegionRecord> readAt(Zk client, String path, String name) {
        return client.get(path).thenCompose(found -> {
            try {
                return CompletableFuture.completedFuture(decode(name, found.data()));
            } catch (BadNode e) {
                return CompletableFuture.failedFuture(Failures.invalidNode(path, e));
            }
        });
    }

    CompletableFuture<RegionRecord> lookup(Zk client, String name) {
        return client.fresh(() -> read(client, name))
                .exceptionallyCompose(e -> Failures.isNoNode(e)
                        ? Failures.failed(
                                DirectoryException.Kind.UNKNOWN_REGION,
                                "there is no region " + Names.quote(name) + "; dsmctl regions lists those there are")
                        : CompletableFuture.failedFuture(e));
    }

    /** The regions of these names, in their order, without those that do not exist or are not valid. */
    CompletableFuture<List<RegionRecord>> readAll(Zk client, List<String> names, ManyReads reads) {
        List<RegionRecord> found = new ArrayList<>();
        return client.sync()
                .thenCompose(x -> reads.all(client, names, Nodes::region, (name, node) -> {
                    try {
                        found.add(decode(name, node.data()));
                    } catch (BadNode e) {
                        leftOut(Nodes.region(name), e);
                    }
                }))
                .thenApply(x -> {
                    found.sort(Comparator.comparing(RegionRecord::name));
                    return List.copyOf(found);
                });
    }

    private static void leftOut(String path, BadNode reason) {
        LOG.warn("{}; left out", Failures.invalidNode(path, reason).getMessage());
    }

    /** This host's regions of the first range of ids at or behind this one that has any, by id; none when there are none. */
    CompletableFuture<List<RegionRecord>> own(Zk client, int fromId, ManyReads reads) {
        return client.sync()
                .thenCompose(x -> client.children(Nodes.ownedBy(host.name())))
                .exceptionallyCompose(e -> Failures.isNoNode(e)
                        ? CompletableFuture.completedFuture(List.of()) // it has never made any
                        : CompletableFuture.failedFuture(e))
                .thenCompose(ranges -> firstOf(client, fromId, numbers(ranges).iterator(), reads));
    }

    private CompletableFuture<List<RegionRecord>> firstOf(
            Zk client, int fromId, Iterator<Integer> ranges, ManyReads reads) {
        while (ranges.hasNext()) {
            int range = ranges.next();
            if (range >= fromId / Nodes.RANGE) {
                return ownOf(client, fromId, range, reads)
                        .thenCompose(found -> found.isEmpty()
                                ? firstOf(client, fromId, ranges, reads)
                                : CompletableFuture.completedFuture(found));
            }
        }
        return CompletableFuture.completedFuture(List.of());
    }

    private CompletableFuture<List<RegionRecord>> ownOf(Zk client, int fromId, int range, ManyReads reads) {
        Map<String, Integer> names = new HashMap<>();
        return client.children(Nodes.ownedRange(host.name(), range))
                .thenCompose(ids -> reads.all(
                        client, numbers(ids).stream().filter(id -> id >= fromId).toList(), Nodes::id, (id, node) -> {
                            try {
                                names.put(Nodes.decodeId(node.data()), id);
                            } catch (BadNode e) {
                                leftOut(Nodes.id(id), e);
                            }
                        }))
                .thenCompose(x -> readAll(client, List.copyOf(names.keySet()), reads))
                .thenApply(found -> found.stream()
                        .filter(record -> isOwn(record, names.get(record.name())))
                        .sorted(Comparator.comparingInt(RegionRecord::id))
                        .toList());
    }

    private boolean isOwn(RegionRecord record, int id) {
        if (record.id() == id && record.owner().equals(host.name())) {
            return true;
        }
        LOG.warn(
                "Node {} belongs to region {}, which is not this; left out",
                Nodes.owned(host.name(), id),
                Names.quote(record.name()));
        return false;
    }

    /** The name of the region with this id; null when there is none, or its node is not valid. */
    static CompletableFuture<String> readName(Zk client, int id) {
        return client.get(Nodes.id(id))
                .thenApply(node -> {
                    try {
                        return Nodes.decodeId(node.data());
                    } catch (BadNode e) {
                        LOG.warn(
                                "{}; left out",
                                Failures.invalidNode(Nodes.id(id), e).getMessage());
                        return null;
                    }
                })
                .exceptionallyCompose(e -> Failures.isNoNode(e)
                        ? CompletableFuture.completedFuture(null) // deleted
                        : CompletableFuture.failedFuture(e));
    }

    private static List<Integer> numbers(List<String> nodes) {
        List<Integer> numbers = new ArrayList<>(nodes.size());
        for (String node : nodes) {
            try {
                numbers.add(Integer.valueOf(node));
            } catch (NumberFormatException e) {
                LOG.warn("A node {} below {} is no number; left out", Names.quote(node), Nodes.OWNED);
            }
        }
        Collections.sort(numbers);
        return numbers;
    }

    private static RegionRecord decode(String name, byte[] data) throws BadNode {
        RegionRecord region = Nodes.decodeRegion(data);
        if (!region.name().equals(name)) {
            throw new BadNode("it describes the region " + Names.quote(region.name()));
        }
        return region;
    }

    /** @param tried whether an earlier attempt may have deleted it already; this one says so too */
    CompletableFuture<Void> delete(Zk client, RegionRecord record, boolean[] tried) {
        String claim = Nodes.owner(record.id());
        String owned = Nodes.owned(record.owner(), record.id());
        CompletableFuture<Void> deletion = client.sync()
                .thenCompose(x -> read(client, record.name()))
                .thenCompose(found -> found.id() == record.id()
                        ? client.exists(claim, null)
                        : CompletableFuture.failedFuture(new KeeperException.NoNodeException(record.name())))
                .exceptionallyCompose(e -> CompletableFuture.failedFuture(Failures.isNoNode(e) ? unknown(record) : e))
                .thenCombine(client.exists(owned, null), (claimed, listed) -> {
                    List<Op> operations = new ArrayList<>(nodesOf(record));
                    if (claimed != null) {
                        operations.add(Op.delete(claim, Zk.ANY_VERSION));
                    }
                    if (listed != null) { // else somebody has removed it by hand
                        operations.add(Op.delete(owned, Zk.ANY_VERSION));
                    }
                    return operations;
                })
                .thenCompose(operations -> {
                    tried[0] = true;
                    return client.multi(operations.toArray(Op[]::new));
                })
                .exceptionallyCompose(e ->
                        // The claim or the region went away between reading and deleting: look again.
                        CompletableFuture.failedFuture(Failures.isNoNode(e) ? Failures.retry(e) : e));
        boolean repeated = tried[0];
        return deletion.exceptionallyCompose(e -> repeated && Failures.isUnknownRegion(e)
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(e));
    }

    /**
     * Deletes the record of a stream that no session claims. ZooKeeper cannot check that a node is missing, but it can make one:
     * a claim is made and taken away again in the same transaction, which fails as a whole when there is a claim.
     *
     * @param tried whether an earlier attempt may have deleted it already; this one says so too
     */
    CompletableFuture<Void> retire(Zk client, RegionRecord record, boolean[] tried) {
        boolean repeated = tried[0];
        tried[0] = true;
        String claim = Nodes.owner(record.id());
        return client.sync()
                .thenCompose(x -> client.multi(
                        Zk.createOp(claim, NOTHING),
                        Op.delete(claim, Zk.ANY_VERSION),
                        Op.delete(Nodes.id(record.id()), Zk.ANY_VERSION),
                        Op.delete(Nodes.region(record.name()), Zk.ANY_VERSION),
                        Op.delete(Nodes.owned(record.owner(), record.id()), Zk.ANY_VERSION)))
                .exceptionallyCompose(e -> {
                    if (Failures.isNodeExists(e)) {
                        return Failures.failed(
                                DirectoryException.Kind.OWNED,
                                "stream " + Names.quote(record.name()) + " is claimed by a live session");
                    }
                    if (Failures.isNoNode(e)) {
                        return repeated
                                ? CompletableFuture.completedFuture(null)
                                : CompletableFuture.failedFuture(unknown(record));
                    }
                    return CompletableFuture.failedFuture(e);
                });
    }

    private static List<Op> nodesOf(RegionRecord record) {
        return List.of(
                Op.delete(Nodes.region(record.name()), Zk.ANY_VERSION),
                Op.delete(Nodes.id(record.id()), Zk.ANY_VERSION));
    }

    static DirectoryException unknown(RegionRecord record) {
        return new DirectoryException(
                DirectoryException.Kind.UNKNOWN_REGION,
                "region " + Names.quote(record.name()) + " (id " + record.id() + ") does not exist any more");
    }
}
