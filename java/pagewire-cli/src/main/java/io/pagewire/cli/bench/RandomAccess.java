package io.pagewire.cli.bench;

import static io.pagewire.cli.hosts.Tasks.pages;
import static io.pagewire.cli.hosts.Tasks.region;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.Json;
import io.pagewire.cli.hosts.Latency;
import io.pagewire.cli.hosts.PageOrder;
import io.pagewire.cli.hosts.Samples;
import java.util.Arrays;

/**
 * Read faults in random order over a region of 1,000,000 pages (4 GB) beside those over one of 10,000 pages, in rounds that
 * take turns: what a fault costs must hardly depend on how large the region is. Each page is read once; {@code --pages 500000}
 * reads all of the large one.
 *
 * <p>Not thread safe: one thread measures.
 */
final class RandomAccess {
    static final int LARGE = 1_000_000;
    private static final int SMALL = 10_000;
    private static final int ROUND = 250;
    private static final int WARM_UP = 5000;
    private static final double MOST_RATIO = 1.3;

    private final Bench bench;
    private final PageOrder order = new PageOrder();
    private final Walk large = new Walk("bench-large", LARGE);
    private final Walk small = new Walk("bench-small", SMALL);

    private RandomAccess(Bench bench) {
        this.bench = bench;
    }

    static void measure(Bench bench, ObjectNode result) {
        RandomAccess access = new RandomAccess(bench);
        access.run(bench.scaled(WARM_UP), new Samples(), new Samples());
        Samples large = new Samples();
        Samples small = new Samples();
        access.run((int) Math.min(2L * bench.pages(), LARGE), large, small);
        access.large.drop();
        access.small.drop();
        double ratio = large.meanUs() / small.meanUs();
        result.set(
                "randomAccess",
                Json.object()
                        .put("pages", LARGE)
                        .put("faults", large.count())
                        .put("meanUs", Latency.rounded(large.meanUs(), 10))
                        .put("p50us", Latency.rounded(large.us(0.5), 10))
                        .put("smallPages", SMALL)
                        .put("smallMeanUs", Latency.rounded(small.meanUs(), 10))
                        .put("smallP50us", Latency.rounded(small.us(0.5), 10))
                        .put("ratio", Latency.rounded(ratio, 100))
                        .put("p50Ratio", Latency.rounded(large.us(0.5) / small.us(0.5), 100))
                        .put("target", MOST_RATIO));
    }

    private void run(int count, Samples largeSamples, Samples smallSamples) {
        for (int left = count; left > 0; left -= ROUND) {
            int round = Math.min(ROUND, left);
            // Whichever comes second finds warmer caches, so they take turns at that as well.
            if (left / ROUND % 2 == 0) {
                large.read(round, largeSamples);
                small.read(round, smallSamples);
            } else {
                small.read(round, smallSamples);
                large.read(round, largeSamples);
            }
        }
    }

    /** A region of the owner's whose pages the reader goes through in random order; made anew when it comes to the end. */
    private final class Walk {
        private final String name;
        private final int size;
        private int[] pages;
        private int next;

        Walk(String name, int size) {
            this.name = name;
            this.size = size;
        }

        void read(int count, Samples samples) {
            if (pages == null || next + count > size) {
                drop();
                bench.owner().ask("create", region(name).put("size", size * 4096L));
                pages = order.all(size);
                bench.reader().ask("touch", pages(name, pages[0])); // sets the circuit up
                next = 1;
            }
            int[] some = Arrays.copyOfRange(pages, next, next + count);
            samples.add(bench.reader().ask("touch", pages(name, some)).path("samples"));
            next += count;
        }

        void drop() {
            if (pages != null) {
                bench.reader().ask("unmap", region(name));
                bench.owner().ask("delete", region(name));
                pages = null;
            }
        }
    }
}
