package io.pagewire.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JVM options from the user's environment, to which the launchers' own give way where both cannot be, and what becomes of output. */
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
