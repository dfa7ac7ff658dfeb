package io.pagewire.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.hosts.Latency;
import io.pagewire.cli.hosts.Samples;

/**
 * Read faults, and write faults of a region's owner.
 *
 * <p>Stateless; the bench's own rules apply.
 */
final class ReadsAndWrites {
    /** Until the compilers of both daemons have done most of their work, which takes the cores that the faults want. */
    private static final int WARM_UP = 20_000;

    private ReadsAndWrites() {}

    static void readFaults(Bench bench, ObjectNode result) {
        bench.measurement()
                .readFaults(bench.scaled(WARM_UP), new Samples(), new Samples(), new Samples(), new Samples());
        Samples remote = new Samples();
        Samples local = new Samples();
        Samples rawPage = new Samples();
        Samples rawSmall = new Samples();
        bench.measurement().readFaults(bench.pages(), remote, local, rawPage, rawSmall);
        result.set("remoteReadFault", Latency.of(remote, rawPage).json());
        result.set("localFault", Latency.of(local, rawSmall).json());
    }

    static void writeFaults(Bench bench, ObjectNode result) {
        bench.measurement().writeFaults(bench.scaled(WARM_UP), new Samples(), new Samples());
        Samples write = new Samples();
        Samples raw = new Samples();
        bench.measurement().writeFaults(bench.pages(), write, raw);
        result.set("writeFault", Latency.of(write, raw).json());
    }
}
