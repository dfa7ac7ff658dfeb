package io.pagewire.cli.bench;

import static io.pagewire.cli.hosts.Tasks.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.Json;
import io.pagewire.cli.hosts.CpuTime;
import io.pagewire.cli.hosts.Flow;
import io.pagewire.cli.hosts.Latency;
import io.pagewire.cli.hosts.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Frames from a program on one host to a program on another, in rounds that take turns with the raw floor's blocks of the same
 * size (SPEC: V12): how fast, and for how much processor time of all processes together. Then what a swap costs, in rounds that
 * take turns between a stream whose frames nobody has touched and one whose frames have all their pages.
 *
 * <p>Not thread safe: one thread measures.
 */
final class Streams {
    private static final long[] SIZES = {64 << 10, 1 << 20, 8 << 20, 32 << 20};
    private static final int FRAMES = 4;
    private static final double LEAST_RATIO = 0.7;

    /** Until the compilers of the daemons have done their work. */
    private static final int WARM_UP = 3;

    private static final int ROUNDS = 7;
    private static final long ROUND_BYTES = 768L << 20;

    private static final int SWAP_ROUNDS = 10;
    private static final int SWAPS = 20;

    private final Bench bench;
    private final CpuTime cpu;

    private Streams(Bench bench) {
        this.bench = bench;
        cpu = new CpuTime(
                bench.a().pid(),
                bench.b().pid(),
                bench.owner().pid(),
                bench.reader().pid());
    }

    static void measure(Bench bench, ObjectNode result) {
        Streams streams = new Streams(bench);
        ObjectNode found = Json.object().put("frames", FRAMES).put("targetRatio", LEAST_RATIO);
        ArrayNode sizes = found.putArray("sizes");
        for (long size : SIZES) {
            sizes.add(streams.size(size));
        }
        result.set("streams", found);
    }

    private ObjectNode size(long frameSize) {
        ObjectNode row = Json.object().put("frameSize", frameSize);
        travel("bench-travel-" + frameSize, frameSize, row);
        swaps(frameSize, row);
        return row;
    }

    private void travel(String name, long frameSize, ObjectNode row) {
        bench.owner().ask("publish-frames", stream(name).put("size", frameSize).put("frames", FRAMES));
        bench.reader().ask("subscribe-frames", stream(name).put("frames", FRAMES));
        int count = Math.max(2 * FRAMES, bench.scaled((int) (ROUND_BYTES / frameSize)));
        for (int i = 0; i < bench.scaled(WARM_UP); i++) {
            ours(name, frameSize, count);
            bench.floor().blocks(count, frameSize);
        }
        List<Flow> ours = new ArrayList<>();
        List<Flow> raw = new ArrayList<>();
        for (int i = 0; i < bench.scaled(ROUNDS); i++) {
            raw.add(bench.floor().blocks(count, frameSize));
            ours.add(ours(name, frameSize, count));
        }
        JsonNode sent = bench.owner().ask("finish-frames", stream(name));
        JsonNode seen = bench.reader().ask("finish-frames", stream(name));
        double gbps = median(ours);
        double rawGbps = median(raw);
        row.put("gbps", Latency.rounded(gbps, 100))
                .put("rawGbps", Latency.rounded(rawGbps, 100))
                .put("ratio", Latency.rounded(gbps / rawGbps, 100))
                .put("cpuSecondsPerGb", Latency.rounded(all(ours).cpuSecondsPerGb(), 1000))
                .put("rawCpuSecondsPerGb", Latency.rounded(all(raw).cpuSecondsPerGb(), 1000))
                .put("framesSent", sent.path("frames").asLong())
                .put("bytesSent", sent.path("bytes").asLong())
                .put("framesSeen", seen.path("frames").asLong())
                .put("bytesSeen", seen.path("bytes").asLong());
    }

    /** One round: the producer's first store to the consumer's last load. */
    private Flow ours(String name, long frameSize, int count) {
        cpu.start();
        CompletableFuture<JsonNode> seen =
                bench.reader().start("consume-frames", stream(name).put("count", count));
        JsonNode sent = bench.owner().ask("produce-frames", stream(name).put("count", count));
        JsonNode last = Bench.join(seen);
        long cpuNs = cpu.ns();
        return new Flow(
                count * frameSize,
                last.path("endNs").asLong() - sent.path("startNs").asLong(),
                cpuNs);
    }

    private static double median(List<Flow> flows) {
        double[] sorted = flows.stream().mapToDouble(Flow::gbps).sorted().toArray();
        return (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
    }

    private static Flow all(List<Flow> flows) {
        return flows.stream().reduce(Flow::plus).orElseThrow();
    }

    private void swaps(long frameSize, ObjectNode row) {
        String bare = "bench-bare-" + frameSize;
        String full = "bench-full-" + frameSize;
        for (String name : List.of(bare, full)) {
            bench.owner()
                    .ask(
                            "publish-frames",
                            stream(name)
                                    .put("size", frameSize)
                                    .put("frames", FRAMES)
                                    .put("discard", true));
        }
        swap(full, FRAMES + 1, true); // from now on every slot has all its pages
        Samples untouched = new Samples();
        Samples populated = new Samples();
        for (int i = 0; i < bench.scaled(SWAP_ROUNDS); i++) {
            untouched.add(swap(bare, SWAPS, false));
            populated.add(swap(full, SWAPS, true));
        }
        for (String name : List.of(bare, full)) {
            bench.owner().ask("finish-frames", stream(name));
        }
        row.set("swapUntouched", swapTimes(untouched));
        row.set("swapPopulated", swapTimes(populated));
    }

    private JsonNode swap(String name, int count, boolean fill) {
        return bench.owner()
                .ask("swap-frames", stream(name).put("count", count).put("fill", fill))
                .path("samples");
    }

    private static ObjectNode swapTimes(Samples samples) {
        return Json.object()
                .put("count", samples.count())
                .put("meanUs", Latency.rounded(samples.meanUs(), 10))
                .put("p50us", Latency.rounded(samples.us(0.5), 10))
                .put("maxUs", Latency.rounded(samples.us(1), 10));
    }
}
