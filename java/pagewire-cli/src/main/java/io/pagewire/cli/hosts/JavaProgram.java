package io.pagewire.cli.hosts;

import io.pagewire.cli.CommandFailed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How to start another JVM like this one.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class JavaProgram {
    /** As in tools/lib/common.sh. */
    private static final Pattern COLLECTOR = Pattern.compile(" -XX:\\+Use[A-Za-z0-9]+GC ");

    private static final Pattern HEAP = Pattern.compile(" -(Xm[sx]|XX:(Initial|Max)(Heap|RAM))");

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

    /** A JVM does not start with two collectors, nor with a heap that begins larger than it may become: what the user says wins. */
    static List<String> options(Map<String, String> environment) {
        String given = Stream.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
                .map(name -> environment.getOrDefault(name, ""))
                .collect(Collectors.joining(" ", " ", " "));
        List<String> options = new ArrayList<>();
        if (!COLLECTOR.matcher(given).find()) {
            options.add("-XX:+UseSerialGC");
        }
        options.add("-XX:-UsePerfData");
        if (!HEAP.matcher(given).find()) {
            options.add("-Xms16m");
        }
        return options;
    }

    /** This JVM's java with this class path, and the compilers that a long-running program deserves. */
    static List<String> command(Class<?> main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options(System.getenv()));
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
