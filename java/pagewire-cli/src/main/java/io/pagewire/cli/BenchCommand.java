package io.pagewire.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.bench.Bench;
import io.pagewire.cli.bench.Part;
import io.pagewire.cli.hosts.PrivateHosts;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl bench}: what faults cost between two private hosts on this machine, as multiples of the raw floor.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "bench",
        description = {
            "Measures what faults and frame streams cost between two private hosts on this machine.",
            "Rounds alternate with a raw C program over loopback TCP: 4 KiB request/response beside what moves a page, a "
                    + "32-byte round trip beside what moves none, a stream of 1 MiB pieces beside the scan, blocks of the frame's size "
                    + "beside frame streams. Needs and touches no other dsmd. Takes up to two minutes; naming parts makes "
                    + "it short."
        },
        footer = {
            "",
            "Example:  dsmctl bench --pages 10000 --json",
            "Example:  dsmctl bench --only random --pages 500000",
            "Example:  dsmctl bench streams"
        })
final class BenchCommand extends DaemonCommand {
    @Option(
            names = "--pages",
            paramLabel = "N",
            defaultValue = "5000",
            description =
                    "Faults of each kind to measure; with fewer, warm-up and scans are shorter, too. Default: ${DEFAULT-VALUE}.")
    private int pages;

    @Option(
            names = "--only",
            paramLabel = "PART",
            split = ",",
            description =
                    "Measure this part only: read, write, remote-write, ping-pong, scan, pressure, memory, random or "
                            + "streams. May be given several times.")
    private String[] only = {};

    @Parameters(paramLabel = "PART", arity = "0..*", description = "The same as --only PART.")
    private String[] named = {};

    @Override
    public Integer call() {
        if (pages < 1 || pages > 1_000_000) {
            throw usage("--pages must be from 1 to 1000000");
        }
        if (dsmctl().socket() != null) {
            throw usage("bench starts hosts of its own; it does not use --socket");
        }
        Set<Part> parts = parts();
        ObjectNode result = Json.object();
        JdkImage image = JdkImage.find();
        try (PrivateHosts hosts = new PrivateHosts()) {
            Bench bench = new Bench(hosts, image.path(), image.size(), pages, this::step);
            for (Part part : parts) {
                bench.measure(part, result);
            }
        }
        if (json()) {
            printJson(result);
        } else {
            out().print(BenchReport.text(result));
            out().flush();
        }
        return 0;
    }

    private Set<Part> parts() {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (String word : only) {
            parts.add(part("--only ", word));
        }
        for (String word : named) {
            parts.add(part("", word));
        }
        return parts.isEmpty() ? EnumSet.allOf(Part.class) : parts;
    }

    private Part part(String option, String word) {
        return Part.of(word)
                .orElseThrow(() -> usage(option + "'" + word + "' is none of " + String.join(", ", Part.words())));
    }

    private void step(String what) {
        err().println("bench: " + what);
        err().flush();
    }
}
