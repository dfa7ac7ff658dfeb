package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** What a host has written in another one's region goes home by itself, and is never too much (SPEC: V5, V10). */
@ExtendWith(LogsOnFailure.class)
@Timeout(240)
@EveryPageSize
class WritebackIT {
    @Parameter
    int pageSize;

    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    private Cluster cluster;
    private Host a;
    private App onA;

    @BeforeEach
    void start() {
        cluster = new Cluster(folder);
        a = cluster.host("a");
        onA = cluster.app(a);
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    private App share(String name, long size, Host host) {
        onA.ask("create-any", name, size, pageSize);
        onA.ask("map", name);
        return mapped(name, host);
    }

    private App mapped(String name, Host host) {
        App program = cluster.app(host);
        program.ask("map", name);
        return program;
    }

    private static long notHome(Host host) {
        return host.status().path("notHomeBytes").asLong();
    }

    private static void awaitHome(Host host) {
        Await.until("everything that " + host + " has written to be home").until(() -> notHome(host) == 0);
    }

    @Test
    void shouldBringEverythingHomeSoThatAKilledDaemonLosesNothing() {
        Host b = cluster.host("b");
        App onB = share("idle", 16 * MIB, b);
        onB.ask("fill", "idle", 0, 16 * MIB, 7);
        assertThat(b.counter("idle", "wants")).isPositive();
        awaitHome(b);
        String written = onB.ask("sha256", "idle");

        b.kill();

        assertThat(onA.ask("sha256", "idle")).isEqualTo(written);
        assertThat(onA.askLong("byte", "idle", 16 * MIB - 1)).isEqualTo(7);
        Await.until("a to wait for b no longer")
                .until(() -> a.query("circuits").path("circuits").findValuesAsText("state").stream()
                        .allMatch("absent"::equals));
        assertThat(a.status().path("losses")).isEmpty();
        assertThat(a.counter("idle", "pagesLost")).isZero();
    }

    @Test
    void shouldSayHowMuchIsNotHomeAndOnWhichHost() {
        String late =
                cluster.file("late.toml", "[writeback]\nage-ms = 3600000\n").toString();
        Host b = cluster.host("b", "--config", late);
        App onB = share("said", 16 * pageSize, b);
        onB.ask("put", "said", 3 * pageSize, 1);
        onB.ask("put", "said", 9 * pageSize, 1);

        assertThat(notHome(b)).isEqualTo(2 * pageSize);
        assertThat(b.region("said").path("notHomeBytes").asLong()).isEqualTo(2 * pageSize);
        for (Host host : new Host[] {a, b}) {
            JsonNode entry = host.status().path("notHome").path(0);
            assertThat(entry.path("region").asText()).isEqualTo("said");
            assertThat(entry.path("owner").asText()).isEqualTo("a");
            assertThat(entry.path("host").asText()).isEqualTo("b");
            assertThat(entry.path("bytes").asLong()).isEqualTo(2 * pageSize);
        }
        assertThat(notHome(a)).as("a stores nothing away from home").isZero();

        onB.ask("force", "said");

        assertThat(notHome(b)).isZero();
        assertThat(a.status().path("notHome")).isEmpty();
    }

    @Test
    void shouldSayOfAPreloadedMappingThatNobodyKnows() {
        Host b = cluster.host("b");
        onA.ask("create-any", "loaded", 16 * pageSize, pageSize);
        App onB = cluster.app(b);
        onB.ask("preload", "loaded", 0);
        onB.ask("put", "loaded", 0, 1);

        JsonNode entry = b.status().path("notHome").path(0);

        assertThat(entry.path("region").asText()).isEqualTo("loaded");
        assertThat(entry.path("bytes").isNull()).isTrue();
        assertThat(entry.path("reason").asText()).contains("published");
    }

    @Test
    void shouldHoldAWriterUpRatherThanKeepMoreThanTheBound() {
        int bound = Math.max(MIB, 16 * pageSize); // an instruction and its threads may have that many
        int size = Math.max(24 * MIB, 6 * bound);
        Host b = cluster.host("b", "--dirty-max", Integer.toString(bound));
        App onB = share("bound", size, b);
        CompletableFuture<String> filled = CompletableFuture.supplyAsync(() -> onB.ask("fill", "bound", 0, size, 9));
        long most = 0;
        while (!filled.isDone()) {
            most = Math.max(most, notHome(b));
        }
        filled.join();

        assertThat(most).isLessThanOrEqualTo(bound);
        assertThat(b.counter("bound", "pagesCleaned")).isGreaterThanOrEqualTo((size - 4 * bound) / pageSize);
        assertThat(b.counter("bound", "failures")).isZero();
        assertThat(onA.ask("sha256", "bound")).isEqualTo(onB.ask("sha256", "bound"));
    }

    @Test
    void shouldNeitherKillAStoppedProgramForWhatItWroteNorMakeOthersWaitForIt() {
        Host b = cluster.host("b");
        App stopped = share("still", 16 * pageSize, b);
        App other = mapped("still", b);
        stopped.ask("put", "still", 0, 1);
        stopped.stop();
        long revokes = b.counter("still", "revokes");
        Await.until("dsmd to have asked it for the page").until(() -> b.counter("still", "revokes") > revokes);

        other.ask("put", "still", 8, 2);
        assertThat(other.askLong("get", "still", 0)).isEqualTo(1);
        Await.until("more than the revoke deadline to pass")
                .during(Duration.ofMillis(1500))
                .until(() -> b.counter("still", "fences") == 0);

        stopped.resume();
        stopped.ask("put", "still", 16, 3);
        awaitHome(b);
        for (int i = 0; i < 3; i++) {
            assertThat(onA.askLong("get", "still", 8 * i)).isEqualTo(i + 1);
        }
    }
}
