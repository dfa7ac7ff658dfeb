package io.pagewire.daemon.directory;

import io.pagewire.daemon.sys.Timers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
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
        CompletableFuture<Snapshot> names =
                known != null ? CompletableFuture.completedFuture(known) : readNames(new ArrayList<>(), 0);
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

    private CompletableFuture<Snapshot> readNames(List<String> names, int from) {
        if (from == Nodes.BUCKETS) {
            String[] sorted = names.toArray(String[]::new);
            Arrays.sort(sorted);
            return CompletableFuture.completedFuture(new Snapshot(Arrays.asList(sorted)));
        }
        int to = Math.min(Nodes.BUCKETS, from + BUCKETS_AT_A_TIME);
        return runner.run("listing the regions", client -> names(client, from, to))
                .thenCompose(found -> {
                    names.addAll(found);
                    return readNames(names, to);
                });
    }

    private static CompletableFuture<List<String>> names(Zk client, int from, int to) {
        List<String> names = new ArrayList<>();
        return client.sync()
                .thenCompose(x -> Pipeline.each(
                        IntStream.range(from, to).boxed().toList(), bucket -> addTo(names, client, bucket)))
                .thenApply(x -> names);
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
