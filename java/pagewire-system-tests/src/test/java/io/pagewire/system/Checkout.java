package io.pagewire.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the parts under test stand, and how to start a JVM like this one.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Checkout {
    private Checkout() {}

    /** The top of the checkout: the nearest directory above the working directory that has {@code tools/dsmd}. */
    static Path root() {
        Path here = Path.of("").toAbsolutePath();
        for (Path at = here; at != null; at = at.getParent()) {
            if (Files.isExecutable(at.resolve("tools/dsmd"))) {
                return at;
            }
        }
        throw new AssertionError("no tools/dsmd above " + here + ": run the tests inside the checkout");
    }

    /** The temporary directory of the processes of a cluster: theirs alone, so that what they leave is seen. */
    static Path temporary(Path folder) {
        return folder.resolve("tmp");
    }

    /** What tools/dsmd would run, without the look at what must be built first. */
    static List<String> daemonCommand(Path folder) {
        Path target = root().resolve("java/pagewire-daemon/target");
        Path jar = target.resolve("pagewire-daemon.jar");
        if (!Files.exists(jar)) {
            throw new AssertionError(jar + " is missing: build the daemon first (mvn package)");
        }
        List<String> command = java(folder);
        command.add("-XX:TieredStopAtLevel=1"); // half the processor time of a start; daemons start all the time here
        command.add("-Xms32m");
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.addAll(archiveFlags(jar));
        command.add("-cp");
        command.add(jar + ":" + target.resolve("lib") + "/*");
        command.add("io.pagewire.daemon.Dsmd");
        return command;
    }

    /** The class archive that tools/test has made for this JDK; a start of the daemon takes half as long with it. */
    private static List<String> archiveFlags(Path jar) throws UncheckedIOException {
        Path archive = root().resolve("target/archives/dsmd-" + System.getProperty("java.runtime.version") + ".jsa");
        try {
            if (!Files.exists(archive)
                    || Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) <= 0) {
                return List.of();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off");
    }

    /** A JVM with this one's class path that starts quickly. */
    static List<String> appCommand(Path folder, Class<?> main) {
        List<String> command = java(folder);
        command.add("-Xmx256m");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        return command;
    }

    private static List<String> java(Path folder) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Djava.io.tmpdir=" + temporary(folder));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto"));
        int feature = Runtime.version().feature();
        if (feature >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        if (feature >= 23) {
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        return command;
    }
}
