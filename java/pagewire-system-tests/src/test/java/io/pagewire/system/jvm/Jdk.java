package io.pagewire.system.jvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * A JDK of this machine.
 *
 * <p>Immutable; safe for use by any thread.
 */
record Jdk(int feature, Path home) {
    /** The versions Pagewire is tested on. */
    static final List<Integer> WANTED = List.of(17, 25);

    /** The JDK with this feature version, or null: that of JAVA_17_HOME and the like, the running one, one of /usr/lib/jvm. */
    static Jdk find(int feature) {
        for (Path candidate : candidates(feature)) {
            if (Files.isExecutable(candidate.resolve("bin/java")) && featureOf(candidate) == feature) {
                return new Jdk(feature, candidate);
            }
        }
        return null;
    }

    private static List<Path> candidates(int feature) {
        List<Path> all = new ArrayList<>();
        String named = System.getenv("JAVA_" + feature + "_HOME");
        if (named != null) {
            all.add(Path.of(named));
        }
        all.add(Path.of(System.getProperty("java.home")));
        Path debian = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(debian)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(debian)) {
                entries.forEach(all::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return all;
    }

    private static int featureOf(Path home) {
        Properties release = new Properties();
        try (var in = Files.newInputStream(home.resolve("release"))) {
            release.load(in);
        } catch (IOException e) {
            return -1; // no JDK
        }
        String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
        return version.isEmpty() ? -1 : Integer.parseInt(version.split("[.+-]")[0]);
    }

    @Override
    public String toString() {
        return "JDK " + feature;
    }
}
