package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The directory cannot be reached: at the start, for a while, for so long that claims run out (SPEC: V13). */
@ExtendWith(LogsOnFailure.class)
class DirectoryFailuresIT {
    private static final int PAGE = 4096;
    private static final int TRY_MS = 20_000;
    /** A request to the directory may take longer than a program waits for a word of dsmd (5 s). */
    private static final String DEADLINES = """
            [deadlines]
            fault-ms = 3000
            revoke-ms = 300
            heartbeat-ms = 50
            client-lease-ms = 300
            home-ms = 900
            directory-session-ms = 1500
            directory-operation-ms = 6000
            """;

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static String config;
    private static Host b;
    private static Host watcher;

    @BeforeAll
    static void start() {
        cluster = new Cluster(folder);
        config = cluster.file("dsmd.toml", DEADLINES).toString();
        b = cluster.host("b", "--config", config);
        watcher = cluster.host("watcher", "--config", config);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    void shouldSayAtTheStartThatTheDirectoryCannotBeReached() throws IOException {
        String nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = "127.0.0.1:" + free.getLocalPort();
        }
        Host alone = new Host(
                "alone", folder, List.of("--listen", "127.0.0.1:0", "--directory", nobody, "--config", config));
        alone.launch();

        assertThat(alone.awaitExit()).as(alone.log()).isEqualTo(1);

        assertThat(alone.log()).contains("dsmd: ").contains(nobody);
    }

    @Test
    void shouldGoOnReadingOverTheCircuitAndNameTheDirectoryWhenItIsNeeded() {
        TcpCut way = cluster.relayToDirectory();
        Host c = cluster.host("c", "--config", config, "--directory", way.address());
        App onB = cluster.app(b);
        App onC = cluster.app(c);
        onB.ask("create", "read-on", 64 * PAGE, PAGE);
        onB.ask("create", "other", PAGE, PAGE);
        onB.ask("map", "read-on");
        onC.ask("map", "read-on");
        assertThat(onC.askLong("get", "read-on", 0)).isZero();

        way.cut();
        Await.until("c to notice")
                .until(() ->
                        !c.status().path("directory").path("state").asText().equals("connected"));

        onB.ask("put", "read-on", 40 * PAGE, 40);
        assertThat(onC.askLong("get", "read-on", 40 * PAGE)).isEqualTo(40);
        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> onC.ask("map", "other"));
        assertThat(failure.type()).isEqualTo("DirectoryUnreachableException");
        assertThat(failure).hasMessageContaining("no directory answers at " + way.address());

        way.heal();
        Await.until("c to find the directory again")
                .untilAsserted(() -> assertThat(onC.ask("map", "other")).startsWith("0x66"));
    }

    @Test
    void shouldFenceAnOwnerThatLostTheDirectoryAndLetItGoOnWhenItIsBack() {
        TcpCut way = cluster.relayToDirectory();
        Host a = cluster.host("a", "--config", config, "--directory", way.address());
        App onA = cluster.app(a);
        App onB = cluster.app(b);
        onA.ask("create", "fenced", 64 * PAGE, PAGE);
        onA.ask("map", "fenced");
        onB.ask("map", "fenced");
        onA.ask("put", "fenced", 0, 1);
        assertThat(onB.askLong("get", "fenced", 0)).isEqualTo(1);
        long epoch = a.region("fenced").path("epoch").asLong();

        way.cut();
        Await.until("the owner to take its own access away")
                .untilAsserted(() -> assertThat(
                                catchThrowableOfType(AppFailure.class, () -> onA.ask("put", "fenced", 8 * PAGE, 8)))
                        .isNotNull()
                        .extracting(AppFailure::cause)
                        .isEqualTo("FENCED"));
        Await.until("the owner's claim to run out").until(() -> ownerless("fenced"));

        way.heal();
        assertThat(onA.askLong("get-until", "fenced", 0, TRY_MS)).isEqualTo(1);
        onA.ask("put", "fenced", 0, 2);
        assertThat(onB.askLong("get-until", "fenced", 0, TRY_MS)).isEqualTo(2);
        assertThat(a.region("fenced").path("epoch").asLong()).isGreaterThan(epoch);
    }

    /** As a host sees it that does not map the region. */
    private static boolean ownerless(String region) {
        return watcher.region(region).path("state").asText().equals("no-owner");
    }
}
