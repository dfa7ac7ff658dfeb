package io.pagewire.cli.bench;

import static io.pagewire.cli.hosts.Tasks.pages;
import static io.pagewire.cli.hosts.Tasks.region;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.hosts.Latency;
import io.pagewire.cli.hosts.PageOrder;
import io.pagewire.cli.hosts.Samples;

/**
 * Write faults of a host that does not own the region (SPEC: V5): on pages that are not there, which travel, and on pages of
 * which it has a copy, where only the right to write does. Nobody else uses the pages; each is written once.
 *
 * <p>Not thread safe: one thread measures.
 */
final class RemoteWrites {
    private static final int ROUND = 250;
    private static final int WARM_UP = 5000;

    /** Pages of one region; those used are every second one. */
    private static final int REGION_PAGES = 20_000;

    private final Bench bench;
    private final PageOrder order = new PageOrder();
    private String name;
    private int regions;
    private int[] fresh = new int[0];
    private int used;

    private RemoteWrites(Bench bench) {
        this.bench = bench;
    }

    static void measure(Bench bench, ObjectNode result) {
        RemoteWrites writes = new RemoteWrites(bench);
        writes.run(bench.scaled(WARM_UP), new Samples(), new Samples(), new Samples(), new Samples());
        Samples write = new Samples();
        Samples upgrade = new Samples();
        Samples rawPage = new Samples();
        Samples rawSmall = new Samples();
        writes.run(bench.pages(), write, upgrade, rawPage, rawSmall);
        writes.drop();
        result.set("remoteWriteFault", Latency.of(write, rawPage).json());
        result.set("upgrade", Latency.of(upgrade, rawSmall).json());
    }

    private void run(int count, Samples write, Samples upgrade, Samples rawPage, Samples rawSmall) {
        for (int left = count; left > 0; left -= ROUND) {
            int[] absent = next(Math.min(ROUND, left));
            rawPage.add(bench.floor().page(absent.length));
            write.add(bench.reader().ask("store", pages(name, absent)).path("samples"));

            int[] copies = next(absent.length);
            bench.reader().ask("touch", pages(name, copies));
            rawSmall.add(bench.floor().small(copies.length));
            upgrade.add(bench.reader()
                    .ask("store", pages(name, order.shuffle(copies)))
                    .path("samples"));
        }
    }

    private int[] next(int count) {
        if (used + count > fresh.length) {
            drop();
            name = "bench-written-" + ++regions;
            bench.owner()
                    .ask(
                            "create",
                            region(name).put("size", REGION_PAGES * 4096L).put("writers", "any"));
            bench.reader().ask("touch", pages(name, 1)); // sets the circuit up
            fresh = order.apart(REGION_PAGES / 2, REGION_PAGES / 2);
            used = 0;
        }
        int[] pages = new int[count];
        System.arraycopy(fresh, used, pages, 0, count);
        used += count;
        return pages;
    }

    private void drop() {
        if (name != null) {
            bench.reader().ask("unmap", region(name));
            bench.owner().ask("delete", region(name));
            name = null;
        }
    }
}
