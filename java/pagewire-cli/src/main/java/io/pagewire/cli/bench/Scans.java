package io.pagewire.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.Json;
import io.pagewire.cli.hosts.Actor;
import io.pagewire.cli.hosts.Latency;

/**
 * A file of the other host, read from its start to its end, by a host with frames for all of it and by one with frames for an
 * eighth (SPEC: V7).
 *
 * <p>Stateless; the bench's own rules apply.
 */
final class Scans {
    private static final int WARM_UP = 20;
    private static final int PRESSED_WARM_UP = 8;
    private static final int SCANS = 5;
    private static final long BYTES = 96L << 20;
    private static final int SHARE = 8;

    private Scans() {}

    static void free(Bench bench, ObjectNode result) {
        for (int i = 0; i < bench.scaled(WARM_UP); i++) {
            bench.measurement().scan(BYTES);
        }
        Rates rates = new Rates();
        for (int i = 0; i < bench.scaled(SCANS); i++) {
            rates.add(bench.measurement().scan(BYTES));
        }
        result.set("scan", rates.json());
    }

    static void pressed(Bench bench, ObjectNode result) {
        long bytes = Math.min(BYTES, bench.fileBytes() >> 20 << 20);
        long frames = bytes / SHARE;
        Actor program = bench.programOnHost("c", "--frames-max", Long.toString(frames));
        for (int i = 0; i < bench.scaled(PRESSED_WARM_UP); i++) {
            bench.measurement().scan(program, bytes);
            bench.measurement().scan(bytes);
        }
        Rates pressed = new Rates();
        Rates free = new Rates();
        for (int i = 0; i < bench.scaled(SCANS); i++) {
            free.add(bench.measurement().scan(bytes));
            pressed.add(bench.measurement().scan(program, bytes));
        }
        result.set(
                "scanUnderPressure",
                pressed.json()
                        .put("framesMax", frames)
                        .put("bytes", bytes)
                        .put("freeGbps", Latency.rounded(free.gbps(), 100))
                        .put("freeRatio", Latency.rounded(pressed.gbps() / free.gbps(), 100)));
    }

    /** Sums of scans and of the raw streams beside them. */
    private static final class Rates {
        private final long[] sum = new long[4];

        void add(long[] scan) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += scan[i];
            }
        }

        double gbps() {
            return (double) sum[0] / sum[1];
        }

        ObjectNode json() {
            double raw = (double) sum[2] / sum[3];
            return Json.object()
                    .put("gbps", Latency.rounded(gbps(), 100))
                    .put("rawGbps", Latency.rounded(raw, 100))
                    .put("ratio", Latency.rounded(gbps() / raw, 100));
        }
    }
}
