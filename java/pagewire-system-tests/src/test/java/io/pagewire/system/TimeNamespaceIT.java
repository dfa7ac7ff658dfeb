package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs and daemons whose CLOCK_BOOTTIME and CLOCK_MONOTONIC differ, because some are in a time namespace: the lease that a
 * daemon writes down by its clock is obeyed by every program's own.
 */
@ExtendWith(LogsOnFailure.class)
@Timeout(240)
class TimeNamespaceIT {
    private static final String DEADLINES = """
            [deadlines]
            fault-ms = 2000
            revoke-ms = 300
            heartbeat-ms = 50
            client-lease-ms = 300
            home-ms = 900
            directory-session-ms = 1500
            directory-operation-ms = 15000
            """;
    private static final int PAGE = 4096;
    private static final int TRY_MS = 20_000;

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static String config;
    private static Host a;
    private static Host b;
    private static App onA;
    private static int regions;
    private static int hosts;

    private final String region = "clocks-" + ++regions;

    /** Skips where the kernel has no time namespaces or this user may not make one. */
    private static void tryANamespace() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ahead(1)));
        command.add("true");
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, "there is no unshare(1): " + e.getMessage());
            return;
        }
        assumeTrue(
                Await.exitOf(process) == 0,
                "no time namespace can be made: "
                        + new String(process.getInputStream().readAllBytes()));
    }

    @BeforeAll
    static void startHosts() throws IOException, InterruptedException {
        tryANamespace();
        cluster = new Cluster(folder);
        config = cluster.file("dsmd.toml", DEADLINES).toString();
        a = cluster.host("a", "--config", config);
        b = cluster.host("b", "--config", config);
        onA = cluster.app(a);
    }

    @AfterAll
    static void endHosts() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 7, -1000})
    void shouldObeyTheLeaseInAJavaProgramWhoseClockIsAheadOrBehind(int seconds) {
        shouldReadNothingOlderThanACompletedStore(onA, cluster.app(b, ahead(atMostTheUptime(seconds))), b);
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, -1000})
    void shouldObeyTheLeaseInACProgramWhoseClockIsAheadOrBehind(int seconds) {
        shouldReadNothingOlderThanACompletedStore(onA, cluster.cApp(b, ahead(atMostTheUptime(seconds))), b);
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, -1000})
    void shouldCompareTheClocksWhereTheRegionIsMappedAndNotWhereTheProgramConnected(int seconds) {
        App onB = cluster.cApp(b);
        onB.ask("hello");
        onB.ask("change-clock", atMostTheUptime(seconds));
        shouldReadNothingOlderThanACompletedStore(onA, onB, b);
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, -1000})
    void shouldObeyTheLeaseOfADaemonWhoseClockIsAheadOrBehind(int seconds) {
        Host other = anotherHost();
        other.under(List.of(ahead(atMostTheUptime(seconds))));
        other.start();
        shouldReadNothingOlderThanACompletedStore(onA, cluster.cApp(other), other);
    }

    @Test
    void shouldCompareTheClocksAgainWithADaemonThatWasStartedInAnotherNamespace() {
        Host other = anotherHost();
        other.start();
        App reader = cluster.app(other);
        share(onA, reader);
        other.kill();
        other.under(List.of(ahead(1000)));
        other.start();
        assertThat(reader.askLong("get-until", region, 0, TRY_MS)).isEqualTo(1);
        shouldNotReadWhileItsDaemonIsStopped(onA, reader, other);
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, -1000})
    void shouldServeAnOwnersProgramWhoseClockIsAheadOrBehind(int seconds) {
        App owner = cluster.app(a, ahead(atMostTheUptime(seconds)));
        shouldReadNothingOlderThanACompletedStore(owner, cluster.app(b), b);
    }

    private static Host anotherHost() {
        return cluster.prepare("c" + ++hosts, "--config", config);
    }

    private void shouldReadNothingOlderThanACompletedStore(App writer, App reader, Host readersHost) {
        share(writer, reader);
        shouldNotReadWhileItsDaemonIsStopped(writer, reader, readersHost);
    }

    private void share(App writer, App reader) {
        writer.ask("create", region, 4L * PAGE, PAGE);
        writer.ask("map", region);
        reader.ask("map", region);
        writer.ask("put", region, 0, 1);
        assertThat(reader.askLong("get", region, 0)).isEqualTo(1);
    }

    private void shouldNotReadWhileItsDaemonIsStopped(App writer, App reader, Host readersHost) {
        readersHost.stop();
        writer.ask("put", region, 0, 2); // home waits for the lease of the reader's host
        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> reader.ask("get", region, 0));
        assertThat(failure).as("the failure of a read after the lease").isNotNull();
        if (failure.type().equals("PageFaultException")) { // C programs get a signal, which says nothing
            assertThat(failure).hasMessageContaining("dsmd on this host did not answer itself");
        }
        readersHost.resume();
        Await.until("the reader to read again").until(() -> {
            try {
                return reader.askLong("get", region, 0) == 2;
            } catch (AppFailure e) {
                return false;
            }
        });
    }

    /** The command that starts another in a time namespace of its own. */
    private static String[] ahead(int seconds) {
        return new String[] {
            "unshare", "--time", "--monotonic", Integer.toString(seconds), "--boottime", Integer.toString(seconds)
        };
    }

    /** No clock shows less than 0; a JVM's shows some seconds more. */
    private static int atMostTheUptime(int seconds) {
        try {
            double uptime =
                    Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);
            return Math.max(seconds, 10 - (int) uptime);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
