package io.pagewire.cli.hosts;

import io.pagewire.cli.CommandFailed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How to start another JVM like this one.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class JavaProgram {
    private JavaProgram() {}

    /** The top of the installation; the launcher says where it is. */
    static Path home() {
        String home = System.getProperty("pagewire.home");
        if (home == null) {
            throw new CommandFailed(
                    "the system property pagewire.home is not set: start this command with tools/dsmctl");
        }
        Path path = Path.of(home);
        if (!Files.isExecutable(path.resolve("tools/dsmd"))) {
            throw new CommandFailed(path.resolve("tools/dsmd") + " is not there: is the checkout complete?");
        }
        return path;
    }

    /** This JVM's java with this class path, and the compilers that a long-running program deserves. */
    static List<String> command(Class<?> main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        command.add("-XX:-UsePerfData");
        command.add("-Xms16m");
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("pagewire."))
                .sorted()
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        return command;
    }
}
