package io.pagewire.cli.bench;

import static io.pagewire.cli.hosts.Tasks.pages;
import static io.pagewire.cli.hosts.Tasks.region;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.Json;
import io.pagewire.cli.hosts.DaemonMemory;
import io.pagewire.cli.hosts.Latency;

/**
 * What a page costs the daemons in memory, at home and at a client: their heaps before and after a region of 1,000,000 pages is
 * made and mapped.
 *
 * <p>Stateless; the bench's own rules apply.
 */
final class PageMemory {
    private static final String NAME = "bench-memory";
    private static final int PAGES = RandomAccess.LARGE;

    private PageMemory() {}

    static void measure(Bench bench, ObjectNode result) {
        bench.owner().ask("create", region("bench-first").put("size", 4096));
        bench.reader().ask("touch", pages("bench-first", 0)); // what a daemon makes once is made
        DaemonMemory home = DaemonMemory.of(bench.a());
        DaemonMemory client = DaemonMemory.of(bench.b());

        bench.owner().ask("create", region(NAME).put("size", PAGES * 4096L));
        bench.owner().ask("map", region(NAME));
        bench.reader().ask("touch", pages(NAME, 0));
        double atHome = home.growth() / PAGES;
        double atClient = client.growth() / PAGES;

        for (String name : new String[] {NAME, "bench-first"}) {
            bench.reader().ask("unmap", region(name));
            bench.owner().ask("delete", region(name));
        }
        result.set(
                "daemonMemory",
                Json.object()
                        .put("pages", PAGES)
                        .put("homeBytesPerPage", Latency.rounded(atHome, 10))
                        .put("clientBytesPerPage", Latency.rounded(atClient, 10))
                        .put("from", home.source()));
    }
}
