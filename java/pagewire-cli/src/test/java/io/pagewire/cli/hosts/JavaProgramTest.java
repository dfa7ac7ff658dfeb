package io.pagewire.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class JavaProgramTest {
    @Test
    void shouldLeaveCollectorAndHeapToWhoeverHasChosenThem() {
        assertThat(JavaProgram.options(Map.of())).containsExactly("-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xms16m");
        assertThat(JavaProgram.options(Map.of("JAVA_TOOL_OPTIONS", "-XX:+UseG1GC")))
                .containsExactly("-XX:-UsePerfData", "-Xms16m");
        assertThat(JavaProgram.options(Map.of("_JAVA_OPTIONS", "-Xmx8m", "JDK_JAVA_OPTIONS", "-ea")))
                .containsExactly("-XX:+UseSerialGC", "-XX:-UsePerfData");
        assertThat(JavaProgram.options(Map.of("JDK_JAVA_OPTIONS", "-XX:+UseParallelGC -XX:MaxRAMPercentage=5")))
                .containsExactly("-XX:-UsePerfData");
    }
}
