package io.pagewire.cli.bench;

import static io.pagewire.cli.hosts.Tasks.pages;
import static io.pagewire.cli.hosts.Tasks.region;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.Json;
import io.pagewire.cli.hosts.DaemonMemory;
import io.pagewire.cli.hosts.Latency;
import java.util.stream.IntStream;

/**
 * What a page costs the daemons in memory, at home and at a client: their heaps before and after a region of 1,000,000 pages is
 * made and mapped, and pages all over it have been stored and read.
 *
 * <p>Stateless; the bench's own rules apply.
 */
final class PageMemory {
    private static final String NAME = "bench-memory";
    private static final int PAGES = RandomAccess.LARGE;

    /** Pages whose entries are made together, when one of them is touched. */
    private static final int TOGETHER = 1024;

    private PageMemory() {}

    static void measure(Bench bench, ObjectNode result) {
        bench.owner().ask("create", region("bench-first").put("size", 4096));
        bench.reader().ask("touch", pages("bench-first", 0)); // what a daemon makes once is made
        DaemonMemory home = DaemonMemory.of(bench.a());
        DaemonMemory client = DaemonMemory.of(bench.b());

        int[] one = IntStream.range(0, PAGES / TOGETHER).map(i -> i * TOGETHER).toArray();
        bench.owner().ask("create", region(NAME).put("size", PAGES * 4096L));
        bench.owner().ask("map", region(NAME));
        bench.owner().ask("store", pages(NAME, one));
        bench.reader().ask("touch", pages(NAME, one));
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
