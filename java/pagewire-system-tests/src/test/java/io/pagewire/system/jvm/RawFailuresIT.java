package io.pagewire.system.jvm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagewire.system.FailingDsmd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What threads that use raw buffers are told, on every JVM we support; what each JVM does stands in {@link RawFailures}. */
@Timeout(300)
class RawFailuresIT {
    private static final Duration SLOWEST = Duration.ofSeconds(150);

    @TempDir
    Path directory;

    private void run(int feature, String scenario, List<String> options, Map<String, String> environment)
            throws Exception {
        Jdk jdk = Jdk.find(feature);
        assumeTrue(jdk != null, () -> "no JDK " + feature + ": JAVA_" + feature + "_HOME names one");
        try (ChildJvm child = ChildJvm.start(
                new Cell(jdk, Collector.G1, true),
                directory,
                options,
                environment,
                RawFailures.class,
                FailingDsmd.program().toString(),
                scenario)) {
            child.awaitLine("DONE", SLOWEST);
            child.assertEndsWell(Duration.ofSeconds(30));
        }
    }

    private void run(int feature, String scenario) throws Exception {
        run(feature, scenario, List.of(), Map.of());
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void shouldNeverLetAThreadReadZerosAndHearNothing(int feature) throws Exception {
        run(feature, "storm");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void shouldDoSoOnAJvmThatDoesNotSayWhetherAnExceptionWasNoticed(int feature) throws Exception {
        run(feature, "storm", List.of(), Map.of("PAGEWIRE_NO_VM_FIELDS", "1"));
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void shouldEndTheZerosOfAFailedPageWhileAnotherThreadWaitsInAFault(int feature) throws Exception {
        run(feature, "zeros");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void shouldTellAThreadAndStopNoneWhileAnotherWaitsInAFault(int feature) throws Exception {
        // Without what the JVM stops its threads for by itself.
        List<String> calm = List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:GuaranteedSafepointInterval=0", "-Xmn128m");
        run(feature, "held", calm, Map.of());
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void shouldFinishAnInstructionOnTwoPagesThatFailSlowly(int feature) throws Exception {
        run(feature, "crossing");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void shouldTellOthersAfterThreadsHaveEndedUntold(int feature) throws Exception {
        run(feature, "ends");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void shouldTellOfARegionThatIsClosed(int feature) throws Exception {
        run(feature, "closed");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void shouldCloseAfterExceptionsHaveHitThreadsInTheLibrary(int feature) throws Exception {
        run(feature, "close", List.of("-Xint"), Map.of());
    }
}
