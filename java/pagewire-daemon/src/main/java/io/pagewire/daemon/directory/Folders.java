package io.pagewire.daemon.directory;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The nodes above those of a region: the bucket of its name, its owner and the range of its id below that. They are made when
 * they are needed for the first time, and stay.
 *
 * <p>Used by the directory's thread.
 */
final class Folders {
    private static final byte[] NOTHING = new byte[0];

    /** Those that are known to be there. */
    private final Set<String> made = new HashSet<>();

    CompletableFuture<Void> make(Zk client, RegionRecord region) {
        CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
        for (String path : List.of(
                Nodes.bucket(Nodes.bucketOf(region.name())),
                Nodes.ownedBy(region.owner()),
                Nodes.ownedRange(region.owner(), region.id() / Nodes.RANGE))) {
            if (!made.contains(path)) {
                done = done.thenCompose(x -> make(client, path));
            }
        }
        return done;
    }

    private CompletableFuture<Void> make(Zk client, String path) {
        return client.create(path, NOTHING)
                .exceptionallyCompose(e -> Failures.isNodeExists(e)
                        ? CompletableFuture.completedFuture(null)
                        : CompletableFuture.failedFuture(e))
                .thenAccept(x -> made.add(path));
    }

    /** Looks at each again. */
    void forget() {
        made.clear();
    }
}
