package io.pagewire.system.jvm;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The matrix must not pass over a JVM that dies, hangs, or is complained about by -Xcheck:jni. */
class ChildJvmIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    /** Says READY, then does what its argument says. */
    static final class Patient {
        public static void main(String[] arguments) throws Exception {
            System.out.println("READY");
            switch (arguments[0]) {
                case "dies" -> Runtime.getRuntime().halt(134);
                case "hangs" -> Thread.sleep(60_000);
                case "is warned" -> System.out.println("WARNING in native method: JNI call made without checking");
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    private ChildJvm start(String behaviour) throws IOException {
        Cell cell = new Cell(
                new Jdk(Runtime.version().feature(), Path.of(System.getProperty("java.home"))), Collector.SERIAL, true);
        return ChildJvm.start(cell, directory, Patient.class, behaviour);
    }

    @Test
    void shouldFailWhenTheJvmDies() throws Exception {
        try (ChildJvm child = start("dies")) {
            child.awaitLine("READY", SOON);
            assertThatThrownBy(() -> child.awaitLine("DONE", SOON))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("ended before 'DONE'");
            assertThatThrownBy(() -> child.assertEndsWell(SOON))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("134");
        }
    }

    @Test
    void shouldFailWhenTheJvmHangs() throws Exception {
        try (ChildJvm child = start("hangs")) {
            child.awaitLine("READY", SOON);
            assertThatThrownBy(() -> child.awaitLine("DONE", Duration.ofMillis(200)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("no line 'DONE'");
            assertThatThrownBy(() -> child.assertEndsWell(Duration.ofMillis(200)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("ended within");
        }
    }

    @Test
    void shouldFailWhenCheckedJniWarns() throws Exception {
        try (ChildJvm child = start("is warned")) {
            child.awaitLine("READY", SOON);
            assertThatThrownBy(() -> child.assertEndsWell(SOON))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("WARNING in native method");
        }
    }
}
