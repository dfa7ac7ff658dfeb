package io.pagewire.testkit.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The cluster under test, by way of {@code test-cluster/cluster}, and what is known of its daemons.
 *
 * <p>Safe for use by any thread, one a host.
 */
final class Hosts {
    /** What a daemon is at, as far as we have done it. */
    enum State {
        RUNNING,
        STOPPED,
        DEAD
    }

    static final List<String> NAMES = List.of("a", "b", "c", Plan.DIRECTORY);
    private static final int COMMAND_SECONDS = 120;

    private final Path script;
    private final Path folder;
    private final Map<String, State> states = new ConcurrentHashMap<>();
    private final Map<String, Spans> away = new ConcurrentHashMap<>();

    /** folder: where the cluster keeps its files; not there yet. */
    Hosts(Path root, Path folder) {
        this.script = root.resolve("test-cluster/cluster");
        this.folder = folder;
        NAMES.forEach(name -> {
            states.put(name, State.RUNNING);
            away.put(name, new Spans());
        });
    }

    /** A command that failed, in the words of the cluster. */
    static final class CommandFailed extends IOException {
        private static final long serialVersionUID = 1L;

        CommandFailed(String message) {
            super(message);
        }
    }

    List<String> command(String... words) {
        List<String> all = new ArrayList<>(List.of(script.toString(), "--state", folder.toString()));
        all.addAll(Arrays.asList(words));
        return all;
    }

    /** Returns what it printed. */
    String run(String... words) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder.getParent(), "command", ".out");
        try {
            Process process = new ProcessBuilder(command(words))
                    .redirectInput(new java.io.File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            boolean ended = process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            String text = Files.readString(out).strip();
            if (!ended || process.exitValue() != 0) {
                throw new CommandFailed(String.join(" ", words) + ": " + (ended ? text : "no end; " + text));
            }
            return text;
        } finally {
            Files.deleteIfExists(out);
        }
    }

    /** Whether data folders can be filled here: only root may give each one a disk of its own. */
    boolean hasDisks() throws IOException {
        return Files.readAllLines(folder.resolve("cluster")).contains("disks=yes");
    }

    /** Whether links can be shaped here: in network namespaces not every kernel can. */
    boolean shapes() throws IOException {
        return Files.readAllLines(folder.resolve("cluster")).contains("shaping=yes");
    }

    State state(String host) {
        return states.get(host);
    }

    /** When its daemon was stopped or dead. */
    Spans away(String host) {
        return away.get(host);
    }

    void kill(String host) throws IOException, InterruptedException {
        away.get(host).begin(System.nanoTime());
        states.put(host, State.DEAD);
        run("kill", host);
    }

    /** Returns when it is ready. */
    void start(String host) throws IOException, InterruptedException {
        run("start", host);
        away.get(host).end(System.nanoTime());
        states.put(host, State.RUNNING);
    }

    void stop(String host) throws IOException, InterruptedException {
        run("stop", host);
        away.get(host).begin(System.nanoTime());
        states.put(host, State.STOPPED);
    }

    void resume(String host) throws IOException, InterruptedException {
        run("cont", host);
        away.get(host).end(System.nanoTime());
        states.put(host, State.RUNNING);
    }

    /** The id of its daemon's process; 0 when none runs. */
    long pid(String host) {
        try {
            long pid = Long.parseLong(
                    Files.readString(folder.resolve(host).resolve("pid")).split(" ")[0]);
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state == 'Z' || state == 'X' ? 0 : pid;
        } catch (IOException | RuntimeException e) {
            return 0; // no such process any more
        }
    }

    /** Remembers that a daemon has ended by itself. */
    void found(String host, State state) {
        states.put(host, state);
        away.get(host).begin(System.nanoTime());
    }

    /** How many descriptors of each kind its daemon has open. */
    Map<String, Integer> descriptors(String host) throws IOException {
        Map<String, Integer> kinds = new TreeMap<>();
        if (pid(host) == 0) {
            return kinds;
        }
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid(host) + "/fd"))) {
            for (Path one : open.toList()) {
                try {
                    String target = Files.readSymbolicLink(one).toString();
                    String kind = target.startsWith("/memfd:") || !target.startsWith("/")
                            ? target.replaceAll("[:(\\[].*", "").replaceAll("^/memfd.*", "memfd")
                            : "file";
                    kinds.merge(target.equals("anon_inode:[pidfd]") ? "pidfd" : kind, 1, Integer::sum);
                } catch (IOException e) {
                    // Closed since it was listed.
                }
            }
        }
        return kinds;
    }

    Path log(String host) {
        return folder.resolve(host).resolve("log");
    }

    Path starting(String host) {
        return folder.resolve(host).resolve("starting");
    }

    /** What the daemons and programs have put into the system's temporary folder, as they see it. */
    List<String> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("tmp"))) {
            return files.filter(Files::isRegularFile).map(Path::toString).toList();
        }
    }
}
