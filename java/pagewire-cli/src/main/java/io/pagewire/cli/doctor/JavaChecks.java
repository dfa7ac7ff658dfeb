package io.pagewire.cli.doctor;

import static io.pagewire.cli.doctor.Finding.ok;
import static io.pagewire.cli.doctor.Finding.warn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Checks of the Java that runs this command and of those installed beside it.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class JavaChecks {
    private JavaChecks() {}

    static List<Finding> all(Facts facts) {
        List<Finding> findings = new ArrayList<>();
        int feature = Runtime.version().feature();
        String here = Runtime.version() + " at " + System.getProperty("java.home");
        findings.add(
                feature == 17 || feature == 25
                        ? ok("Java", here)
                        : warn("Java", here, "Pagewire is tested with 17 and 25; set JAVA_HOME to one of them"));
        TreeSet<Integer> others = installed(facts);
        findings.add(
                others.contains(25)
                        ? ok("other JDKs", others.toString())
                        : warn(
                                "other JDKs",
                                others.toString(),
                                "tools/test tests on JDK 25 as well when one is installed"));
        return findings;
    }

    private static TreeSet<Integer> installed(Facts facts) {
        TreeSet<Integer> versions = new TreeSet<>();
        try (Stream<Path> homes = Files.list(facts.root().resolve("usr/lib/jvm"))) {
            for (Path home : (Iterable<Path>) homes::iterator) {
                facts.text(facts.root().relativize(home.resolve("release")).toString())
                        .ifPresent(release -> feature(release, versions));
            }
        } catch (IOException | UncheckedIOException e) {
            return versions; // a machine without that folder has no others there
        }
        return versions;
    }

    private static void feature(String release, TreeSet<Integer> versions) {
        for (String line : release.lines().toList()) {
            if (line.startsWith("JAVA_VERSION=\"")) {
                String number = line.substring("JAVA_VERSION=\"".length()).split("[^0-9]", 2)[0];
                if (!number.isEmpty()) {
                    versions.add(Integer.valueOf(number));
                }
            }
        }
    }
}
