package io.pagewire.system.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The owner dies in mid-run: every way to read must end in a PageFaultException, and work again once the owner is back. */
class FailureIT {
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.pagewire.system.jvm.Cell#plain")
    @Timeout(180)
    void shouldThrowPageFaultExceptionInEveryWayOfReadingWhenTheOwnerIsKilled(Cell cell, @TempDir Path directory)
            throws Exception {
        cell.jdk();
        byte[] content = new byte[8 << 20];
        new Random(1).nextBytes(content);
        Path file = Files.write(directory.resolve("content"), content);
        try (TwoHosts hosts = new TwoHosts(directory)) {
            hosts.owner().export("failure-file", file);
            try (ChildJvm child = ChildJvm.start(
                    cell,
                    directory,
                    FailureChild.class,
                    hosts.reader().socket().toString(),
                    "failure-file",
                    file.toString())) {
                child.awaitLine("WARM", Duration.ofSeconds(60));
                hosts.killOwner();
                child.send("GONE");
                child.awaitLine("FAILED", Duration.ofSeconds(100));
                hosts.restartOwner();
                child.send("BACK");
                child.awaitLine("DONE", Duration.ofSeconds(60));
                child.assertEndsWell(Duration.ofSeconds(20));
            }
        }
        assertThat(ProcessHandle.current().descendants()).isEmpty();
    }
}
