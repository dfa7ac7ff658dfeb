package io.pagewire.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * Private hosts on this machine, their programs and the relays between them. Closing ends all of them and checks that nothing
 * is left: no process, no temporary file.
 *
 * <p>For use by one thread.
 */
final class Cluster implements AutoCloseable {
    /** The cluster of the running test, for {@link LogsOnFailure}. */
    private static final Deque<Cluster> OPEN = new ArrayDeque<>();

    private final Path folder;
    private final List<Host> hosts = new ArrayList<>();
    private final List<App> apps = new ArrayList<>();
    private final List<TcpCut> cuts = new ArrayList<>();
    private String directory = "embedded:0";

    /** folder: an empty one whose path is short, for sockets, data and logs. */
    Cluster(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(Checkout.temporary(folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        OPEN.push(this);
    }

    /** A cluster of hosts with these names; the first one runs the directory. */
    static Cluster start(Path folder, String... names) {
        Cluster cluster = new Cluster(folder);
        try {
            for (String name : names) {
                cluster.host(name);
            }
            return cluster;
        } catch (Throwable e) {
            cluster.abandon(e);
            throw e;
        }
    }

    List<Host> hosts() {
        return List.copyOf(hosts);
    }

    Path folder() {
        return folder;
    }

    /** Starts a host that circuits reach on a loopback port of its own. */
    Host host(String name, String... more) {
        Host host = prepare(name, more);
        host.start();
        return host;
    }

    /** A host that is not started yet. The directory is in the first one that was started, unless the options name one. */
    Host prepare(String name, String... more) {
        List<String> options = new ArrayList<>(List.of(more));
        if (!options.contains("--listen")) {
            options.addAll(List.of("--listen", "127.0.0.1:0"));
        }
        if (!options.contains("--directory")) {
            if (directory.startsWith("embedded") && !hosts.isEmpty()) {
                directory = hosts.get(0).directory();
            }
            options.addAll(List.of("--directory", directory));
        }
        Host host = new Host(name, folder, options);
        hosts.add(host);
        return host;
    }

    /** Starts a host that other hosts reach through the relay only. */
    Host hostBehind(TcpCut relay, String name, String... more) {
        Host host = prepareBehind(relay, name, more);
        host.start();
        return host;
    }

    /** The same without starting it. */
    Host prepareBehind(TcpCut relay, String name, String... more) {
        List<String> options = new ArrayList<>(List.of(more));
        options.addAll(List.of("--listen", "127.0.0.1:" + relay.target(), "--advertise", relay.address()));
        return prepare(name, options.toArray(String[]::new));
    }

    /** A relay to a port of loopback that is free now, for a host that will listen there. */
    TcpCut relayToFreePort() {
        return relay(freePort());
    }

    static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A relay in front of the directory of the first host; give its address to --directory. */
    TcpCut relayToDirectory() {
        String connect = hosts.get(0).directory();
        return relay(Integer.parseInt(connect.substring(connect.lastIndexOf(':') + 1)));
    }

    /** Starts a Java program on the host, under a command that becomes it if one is given; it connects with its first command. */
    App app(Host host, String... under) {
        App app = App.java(folder, host.socket(), under);
        apps.add(app);
        return app;
    }

    /** Starts the C program of the tests on the host, whose daemon must be ready. */
    App cApp(Host host, String... under) {
        App app = App.c(folder, host.socket(), under);
        apps.add(app);
        return app;
    }

    /** A relay on loopback to a port; see {@link TcpCut}. */
    TcpCut relay(int target) {
        TcpCut cut = new TcpCut(target);
        cuts.add(cut);
        return cut;
    }

    /** Text files for --config and the like. */
    Path file(String name, String content) {
        try {
            return Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the programs, leaves the hosts. */
    void endApps() {
        apps.forEach(App::close);
        apps.clear();
    }

    @Override
    public void close() {
        List<Throwable> complaints = new ArrayList<>();
        Stream.of(apps, cuts).flatMap(List::stream).forEach(part -> quietly(part, complaints));
        for (int i = hosts.size() - 1; i >= 0; i--) {
            quietly(hosts.get(i), complaints); // the directory goes last
        }
        OPEN.remove(this);
        List<Path> left = temporaryFiles();
        if (!left.isEmpty()) {
            complaints.add(new AssertionError("files left behind: " + left));
        }
        if (!complaints.isEmpty()) {
            AssertionError all = new AssertionError("the cluster did not end cleanly");
            complaints.forEach(all::addSuppressed);
            throw all;
        }
    }

    private static void quietly(AutoCloseable part, List<Throwable> complaints) {
        try {
            part.close();
        } catch (Throwable e) {
            complaints.add(e);
        }
    }

    private void abandon(Throwable reason) {
        reason.addSuppressed(new AssertionError(logs()));
        try {
            close();
        } catch (Throwable e) {
            reason.addSuppressed(e);
        }
    }

    /** What daemons and programs have put into the directory that they take for the system's temporary one. */
    private List<Path> temporaryFiles() {
        try (Stream<Path> entries = Files.list(Checkout.temporary(folder))) {
            return entries.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The ends of all logs of the clusters that are open. */
    static String openLogs() {
        StringBuilder text = new StringBuilder();
        OPEN.forEach(cluster -> text.append(cluster.logs()));
        return text.toString();
    }

    private String logs() {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".log"))
                    .sorted()
                    .toList()) {
                String log = Files.readString(file);
                text.append("\n---- ").append(file.getFileName()).append('\n');
                text.append(log.substring(Math.max(0, log.length() - 6000)));
            }
        } catch (IOException e) {
            text.append(e);
        }
        return text.toString();
    }
}
