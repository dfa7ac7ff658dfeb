package io.pagewire.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * JVM options from the user's environment, to which the launchers' own give way where both cannot be; what becomes of output; class
 * archives.
 */
class LaunchersIT {
    @ParameterizedTest
    @CsvSource({
        "JAVA_TOOL_OPTIONS, -XX:+UseG1GC",
        "JAVA_TOOL_OPTIONS, -Xmx12m",
        "JDK_JAVA_OPTIONS, -XX:+UseParallelGC -Xmx15m",
        "_JAVA_OPTIONS, -XX:MaxHeapSize=14m",
        "PAGEWIRE_DSMD_OPTS, -XX:+UseZGC",
        "PAGEWIRE_DSMCTL_OPTS, -XX:+UseZGC -Xmx14m",
    })
    void shouldStartWithOptionsFromOutside(String variable, String options) {
        for (String program : List.of("dsmd", "dsmctl")) {
            Path launcher = Path.of(Run.launcher()).resolveSibling(program);
            Run run = Run.with(variable, options, launcher.toString(), "--help");
            assertThat(run.status()).as(program + ": " + run.out() + run.err()).isZero();
            assertThat(run.out()).contains("Usage: " + program);
        }
    }

    @ParameterizedTest
    @CsvSource({"dsmd, daemon", "dsmctl, cli"})
    void shouldTakeClassesFromTheArchiveThatTheBuildHasMade(String program, String module) throws IOException {
        Path home = Path.of(Run.launcher()).getParent().getParent();
        Path archive =
                home.resolve("target/archives/" + program + "-" + System.getProperty("java.runtime.version") + ".jsa");
        Path jar = home.resolve("java/pagewire-" + module + "/target/pagewire-" + module + ".jar");
        assumeTrue(
                Files.exists(archive)
                        && Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) > 0,
                () -> archive + " is missing or older than " + jar + ": tools/dsmd makes it when it builds");

        Run run = Run.with(
                "PAGEWIRE_" + program.toUpperCase(Locale.ROOT) + "_OPTS",
                "-Xlog:class+load",
                home.resolve("tools/" + program).toString(),
                "--version");

        long archived = run.out()
                .lines()
                .filter(line -> line.contains("io.pagewire.") && line.contains("shared objects file (top)"))
                .count();
        assertThat(archived).as(run.err()).isPositive();
    }

    @Test
    void shouldLetTheUserMakeAnArchiveOfHisOwn(@TempDir Path folder) {
        Path archive = folder.resolve("own.jsa");
        String dsmctl = Run.launcher();

        Run made = Run.with("PAGEWIRE_DSMCTL_OPTS", "-XX:ArchiveClassesAtExit=" + archive, dsmctl, "--version");
        Run used = Run.with("PAGEWIRE_DSMCTL_OPTS", "-XX:SharedArchiveFile=" + archive, dsmctl, "--version");

        assertThat(made.status()).as(made.out() + made.err()).isZero();
        assertThat(archive).isNotEmptyFile();
        assertThat(used.status()).as(used.out() + used.err()).isZero();
    }

    @Test
    void shouldStartInSilenceWithAnArchiveOfJarsThatStoodElsewhere(@TempDir Path elsewhere) throws IOException {
        Path home = Path.of(Run.launcher()).getParent().getParent();
        assumeTrue(Files.exists(home.resolve("target/archives")), "tools/dsmd makes archives when it builds");
        copy(home, elsewhere, "tools");
        copy(home, elsewhere, "java/pagewire-cli/target/pagewire-cli.jar");
        copy(home, elsewhere, "java/pagewire-cli/target/lib");
        copy(home, elsewhere, "target/archives"); // the youngest, so that it is tried

        Run run = Run.with(
                "PAGEWIRE_NO_BUILD", "1", elsewhere.resolve("tools/dsmctl").toString(), "--version");

        assertThat(run.out()).startsWith("dsmctl ").hasLineCount(1);
        assertThat(run.err()).isEmpty();
    }

    private static void copy(Path from, Path to, String what) throws IOException {
        try (Stream<Path> files = Files.walk(from.resolve(what))) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static String tool(String name) {
        return Path.of(Run.launcher()).resolveSibling(name).normalize().toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dsmd --help",
                "dsmd --version",
                "dsmctl --help",
                "simulate --help",
                "simulate --seed 3",
                "chaos --help",
                "litmus --help",
                "fuzz --help",
                "jmh --help",
                "model-check --help",
                "model-check --list",
                "test --help",
                "../test-cluster/cluster --help",
            })
    void shouldFailWithAReasonWhenItsOutputDoesNotGetOutAndEndQuietlyWhenItsReaderDoes(String command) {
        String tool = command.replaceFirst(" .*", "");
        String whole = tool(tool) + command.substring(tool.length());
        Run full = Run.with("PAGEWIRE_NO_BUILD", "1", "bash", "-c", whole + " >/dev/full");
        assertThat(full.status()).as(full.err()).isEqualTo(1);
        assertThat(full.err().lines()).singleElement().asString().contains("No space left on device");

        Run head = Run.with("PAGEWIRE_NO_BUILD", "1", "bash", "-c", whole + " | head -1");
        assertThat(head.status()).isZero();
        assertThat(head.out().lines()).hasSize(1);
        assertThat(head.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"simulate --seed 3"})
    void shouldTakeTheUsersCollector(String command) {
        Run run = Run.with(
                "JAVA_TOOL_OPTIONS", "-XX:+UseParallelGC", "bash", "-c", "PAGEWIRE_NO_BUILD=1 " + tool(command));
        assertThat(run.status()).as(run.err()).isZero();
    }
}
