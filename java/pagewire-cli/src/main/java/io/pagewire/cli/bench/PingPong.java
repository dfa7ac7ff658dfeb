package io.pagewire.cli.bench;

import static io.pagewire.cli.hosts.Tasks.region;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.hosts.Latency;
import io.pagewire.cli.hosts.Samples;
import java.util.concurrent.CompletableFuture;

/**
 * Two hosts that write the same page in turn: how long it takes from one's store until the other has seen it and may store
 * itself. A page stays with its writer for a shortest time (hold), which is part of it.
 *
 * <p>Stateless; the bench's own rules apply.
 */
final class PingPong {
    private static final String NAME = "bench-ping-pong";
    private static final int WARM_UP = 300;
    private static final int ROUND = 100;
    private static final int MOST = 10_000;
    private static final int DEADLINE_MS = 30_000;

    private PingPong() {}

    static void measure(Bench bench, ObjectNode result) {
        bench.owner().ask("create", region(NAME).put("size", 4096).put("writers", "any"));
        turns(bench, bench.scaled(WARM_UP));
        Samples handOver = new Samples();
        Samples raw = new Samples();
        for (int left = Math.min(MOST, Math.max(ROUND, bench.pages() / 5)); left > 0; left -= ROUND) {
            int count = Math.min(ROUND, left);
            raw.add(bench.floor().page(count));
            handOver.add(turns(bench, count).path("samples"));
        }
        bench.reader().ask("unmap", region(NAME));
        bench.owner().ask("delete", region(NAME));
        result.set("handOver", Latency.of(handOver, raw).json());
    }

    /** So many turns each; the owner's program begins. */
    private static JsonNode turns(Bench bench, int rounds) {
        CompletableFuture<JsonNode> owner = bench.owner().start("turns", task(rounds, false));
        JsonNode other = bench.reader().ask("turns", task(rounds, true));
        Bench.join(owner);
        return other;
    }

    private static ObjectNode task(int rounds, boolean odd) {
        return region(NAME).put("rounds", rounds).put("odd", odd).put("deadlineMs", DEADLINE_MS);
    }
}
