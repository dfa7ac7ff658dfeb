package io.pagewire.daemon.directory;

import io.pagewire.daemon.sys.Timers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists all regions by name, a page at a time. The names are spread over buckets by a hash, so each page needs all of them; they
 * are kept for whoever goes on soon, and read again for whoever does not. Each of the reads it takes has a deadline of its own.
 *
 * <p>Safe for use by any thread.
 */
final class Listing {
    private static final Logger LOG = LoggerFactory.getLogger(Listing.class);
    private static final int BUCKETS_AT_A_TIME = 512;
    private static final int KEPT_MS = 10_000;

    /** One step on the directory, see {@link Operation}. */
    interface Runner {
        <T> CompletableFuture<T> run(String what, java.util.function.Function<Zk, CompletableFuture<T>> step);
    }

    /** All names, sorted. Never changed. */
    private record Snapshot(List<String> names) {}

    private final Regions regions;
    private final Runner runner;
    private final ScheduledExecutorService thread;
    private final AtomicReference<Snapshot> kept = new AtomicReference<>();

    Listing(Regions regions, Runner runner, ScheduledExecutorService thread) {
        this.regions = regions;
        this.runner = runner;
        this.thread = thread;
    }

    CompletableFuture<RegionPage> page(String after, int limit) {
        Snapshot known = after.isEmpty() ? null : kept.get();
        CompletableFuture<Snapshot> names = known != null ? CompletableFuture.completedFuture(known) : readNames();
        return names.thenCompose(snapshot -> page(snapshot, after, limit));
    }

    private CompletableFuture<RegionPage> page(Snapshot snapshot, String after, int limit) {
        List<String> names = snapshot.names();
        int found = Collections.binarySearch(names, after);
        int first = found >= 0 ? found + 1 : -found - 1;
        int end = (int) Math.min(names.size(), (long) first + limit);
        List<String> wanted = names.subList(first, end);
        String next = end < names.size() ? wanted.get(wanted.size() - 1) : null;
        keep(next == null ? null : new Snapshot(names));
        ManyReads reads = new ManyReads();
        return runner.run("listing the regions", client -> regions.readAll(client, wanted, reads.attempt()))
                .thenApply(read -> new RegionPage(read, next));
    }

    private void keep(Snapshot snapshot) {
        kept.set(snapshot);
        if (snapshot != null && !thread.isShutdown()) {
            Timers.after(thread, KEPT_MS, "forgetting the names of regions", () -> kept.compareAndSet(snapshot, null));
        }
    }

    /** Most directories have few names, and so few buckets: only those that are there are read. */
    private CompletableFuture<Snapshot> readNames() {
        return runner.run("listing the regions", client -> client.sync().thenCompose(x -> client.children(Nodes.NAMES)))
                .thenCompose(nodes -> {
                    List<Integer> buckets = new ArrayList<>();
                    for (String node : nodes) {
                        int bucket = Nodes.bucketOfNode(node);
                        if (bucket >= 0) {
                            buckets.add(bucket);
                        } else {
                            LOG.warn("Node {}/{} is none of Pagewire's; left out", Nodes.NAMES, node);
                        }
                    }
                    return readNames(new ArrayList<>(), buckets);
                });
    }

    private CompletableFuture<Snapshot> readNames(List<String> names, List<Integer> buckets) {
        if (buckets.isEmpty()) {
            String[] sorted = names.toArray(String[]::new);
            Arrays.sort(sorted);
            return CompletableFuture.completedFuture(new Snapshot(Arrays.asList(sorted)));
        }
        int some = Math.min(buckets.size(), BUCKETS_AT_A_TIME);
        return runner.run("listing the regions", client -> names(client, buckets.subList(0, some)))
                .thenCompose(found -> {
                    names.addAll(found);
                    return readNames(names, buckets.subList(some, buckets.size()));
                });
    }

    private static CompletableFuture<List<String>> names(Zk client, List<Integer> buckets) {
        List<String> names = new ArrayList<>();
        return Pipeline.each(buckets, bucket -> addTo(names, client, bucket)).thenApply(x -> names);
    }

    private static CompletableFuture<Void> addTo(List<String> names, Zk client, int bucket) {
        return client.children(Nodes.bucket(bucket))
                .thenAccept(nodes -> {
                    for (String node : nodes) {
                        String name = Names.fromNode(node);
                        if (name != null && Nodes.bucketOf(name) == bucket) {
                            names.add(name);
                        } else {
                            LOG.warn("Node {}/{} is no region's; left out", Nodes.bucket(bucket), node);
                        }
                    }
                })
                .exceptionallyCompose(e -> Failures.isNoNode(e)
                        ? CompletableFuture.completedFuture(null) // nothing was ever put there
                        : CompletableFuture.failedFuture(e));
    }
}
