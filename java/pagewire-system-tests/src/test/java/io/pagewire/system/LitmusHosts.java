package io.pagewire.system;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Three hosts for litmus tests: one owns the region, two others use it, each over a relay that can break its circuits.
 *
 * <p>For use by one thread.
 */
final class LitmusHosts implements AutoCloseable {
    /** What the owner has counted: copies taken away, pages called back from writers, pages asked for by other hosts. */
    record Counts(long purges, long recalls, long fetches) {}

    /** A busy machine may stand still for seconds; that is no outcome of a litmus test. */
    private static final String PATIENT = "[deadlines]\nfault-ms = 30000\n";

    private final Cluster cluster;
    private final Path folder;
    private final TcpCut way;
    private final List<Host> hosts = new ArrayList<>();
    private final App owner;
    private String region;
    private int regions;

    LitmusHosts(Path folder) {
        this.folder = folder;
        cluster = new Cluster(folder);
        try {
            way = cluster.relayToFreePort();
            String patient = cluster.file("dsmd.toml", PATIENT).toString();
            hosts.add(cluster.hostBehind(way, "home", "--config", patient));
            hosts.add(cluster.host("b", "--config", patient));
            hosts.add(cluster.host("c", "--config", patient));
            owner = cluster.app(hosts.get(0));
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    Path folder() {
        return folder;
    }

    /** A region of zeros, forgotten with the next one. */
    String freshRegion(boolean anyWriter, int page) {
        if (region != null) {
            owner.ask("delete", region);
        }
        region = "litmus-" + ++regions;
        String create = anyWriter ? "create-any" : "create";
        owner.ask(create, region, (long) LitmusRun.pages(page) * page, page);
        return region;
    }

    Process worker(LitmusRun.Language language, int host, Path board, int index, String name, Path log)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (language == LitmusRun.Language.C) {
            command.add(CProgram.litmusWorker().toString());
        } else {
            command.addAll(Checkout.appCommand(folder, LitmusWorker.class));
            // The optimising compiler too, which must not take the calls apart whose order is under test.
            command.addAll(
                    command.size() - 1,
                    List.of(
                            "-XX:TieredStopAtLevel=4",
                            "-XX:CompileCommand=quiet",
                            "-XX:CompileCommand=dontinline,io.pagewire.system.LitmusWorker$Cells::*",
                            "-XX:CompileCommand=dontinline,io.pagewire.system.LitmusWorker$1::*",
                            "-XX:CompileCommand=dontinline,io.pagewire.system.LitmusWorker$2::*",
                            "-XX:CompileCommand=dontinline,io.pagewire.system.LitmusWorker$3::*",
                            "-XX:CompileCommand=dontinline,io.pagewire.system.LitmusWorker$4::*",
                            "-Dpagewire.library=" + CProgram.library()));
        }
        command.addAll(List.of(
                board.toString(),
                Integer.toString(index),
                hosts.get(host).socket().toString(),
                name));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Every circuit to the owner breaks now; the hosts call again. How many there were. */
    int breakCircuits() {
        return way.reset();
    }

    Counts counts() {
        Host home = hosts.get(0);
        return new Counts(
                home.counter(region, "purges"), home.counter(region, "recalls"), home.counter(region, "fetches"));
    }

    @Override
    public void close() {
        cluster.close();
    }
}
