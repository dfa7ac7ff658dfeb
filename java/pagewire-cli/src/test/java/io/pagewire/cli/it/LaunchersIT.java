package io.pagewire.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JVM options from the user's environment: the launchers' own give way where both cannot be. */
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
}
