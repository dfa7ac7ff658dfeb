package io.pagewire.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.hosts.Actor;
import io.pagewire.cli.hosts.Host;
import io.pagewire.cli.hosts.Latency;
import io.pagewire.cli.hosts.Measurement;
import io.pagewire.cli.hosts.PrivateHosts;
import io.pagewire.cli.hosts.Samples;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code dsmctl bench}: what faults cost between two private hosts on this machine, as multiples of the raw floor.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "bench",
        description = {
            "Measures what faults cost between two private hosts on this machine.",
            "Rounds alternate with a raw C program over loopback TCP: 4 KiB request/response beside "
                    + "remote read faults, a 32-byte round trip beside local and write faults, a stream of 1 MiB "
                    + "pieces beside the scan. Needs and touches no other dsmd."
        },
        footer = {"", "Example:  dsmctl bench --pages 10000 --json"})
final class BenchCommand extends DaemonCommand {
    /** Until the compilers of both daemons have done most of their work, which takes the cores that the faults want. */
    private static final int WARM_UP = 20_000;

    private static final int WARM_UP_SCANS = 20;
    private static final int SCANS = 5;
    private static final long SCAN_BYTES = 96L << 20;

    @Option(
            names = "--pages",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Faults of each kind to measure. Default: ${DEFAULT-VALUE}.")
    private int pages;

    @Override
    public Integer call() {
        if (pages < 1 || pages > 1_000_000) {
            throw usage("--pages must be from 1 to 1000000");
        }
        if (dsmctl().socket() != null) {
            throw usage("bench starts hosts of its own; it does not use --socket");
        }
        ObjectNode result;
        try (PrivateHosts hosts = new PrivateHosts()) {
            step("starting two hosts");
            Host a = hosts.startFirst("a");
            Host b = hosts.startBeside("b", a);
            Actor owner = hosts.actor("owner", a);
            Actor reader = hosts.actor("reader", b);
            Actor second = hosts.actor("second", b);
            JdkImage image = JdkImage.find();
            result = measure(new Measurement(owner, reader, second, hosts.floor(), image.path(), image.size()));
        }
        if (json()) {
            printJson(result);
        } else {
            print(result);
        }
        return 0;
    }

    private ObjectNode measure(Measurement measurement) {
        step("warming up");
        measurement.readFaults(WARM_UP, new Samples(), new Samples(), new Samples(), new Samples());
        measurement.writeFaults(WARM_UP, new Samples(), new Samples());
        for (int i = 0; i < WARM_UP_SCANS; i++) {
            measurement.scan(SCAN_BYTES);
        }

        step("read faults");
        Samples remote = new Samples();
        Samples local = new Samples();
        Samples rawPage = new Samples();
        Samples rawSmall = new Samples();
        measurement.readFaults(pages, remote, local, rawPage, rawSmall);
        step("write faults");
        Samples write = new Samples();
        Samples rawWrite = new Samples();
        measurement.writeFaults(pages, write, rawWrite);
        step("sequential scan");
        long[] sum = new long[4];
        for (int i = 0; i < SCANS; i++) {
            long[] scan = measurement.scan(SCAN_BYTES);
            for (int j = 0; j < sum.length; j++) {
                sum[j] += scan[j];
            }
        }
        double gbps = (double) sum[0] / sum[1];
        double rawGbps = (double) sum[2] / sum[3];

        ObjectNode result = Json.object();
        result.set("remoteReadFault", Latency.of(remote, rawPage).json());
        result.set("localFault", Latency.of(local, rawSmall).json());
        result.set("writeFault", Latency.of(write, rawWrite).json());
        result.set(
                "scan",
                Json.object()
                        .put("gbps", Latency.rounded(gbps, 100))
                        .put("rawGbps", Latency.rounded(rawGbps, 100))
                        .put("ratio", Latency.rounded(gbps / rawGbps, 100)));
        return result;
    }

    private void print(ObjectNode result) {
        Table table = new Table("", "P50", "P99", "RAW P50", "RATIO", "RAW IS");
        row(table, result, "remote read fault", "remoteReadFault", "4 KiB TCP request/response");
        row(table, result, "local fault", "localFault", "32-byte TCP round trip");
        row(table, result, "write fault, one reader", "writeFault", "32-byte TCP round trip");
        out().print(table);
        var scan = result.path("scan");
        out().printf(
                        Locale.ROOT,
                        "%nsequential scan %.2f GB/s, raw 1 MiB stream %.2f GB/s, ratio %.2f%n",
                        scan.path("gbps").asDouble(),
                        scan.path("rawGbps").asDouble(),
                        scan.path("ratio").asDouble());
        out().flush();
    }

    private static void row(Table table, ObjectNode result, String label, String key, String raw) {
        var figure = result.path(key);
        table.row(
                label,
                Latency.us(figure.path("p50us").asDouble()),
                Latency.us(figure.path("p99us").asDouble()),
                Latency.us(figure.path("rawP50us").asDouble()),
                String.format(Locale.ROOT, "%.2f", figure.path("ratio").asDouble()),
                raw);
    }

    private void step(String what) {
        err().println("bench: " + what);
        err().flush();
    }
}
