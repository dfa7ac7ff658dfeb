package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pagewire.testkit.FairClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** C programs beside Java ones: plain pointers, locked memory, forks, addresses that are taken. */
@ExtendWith(LogsOnFailure.class)
class NativeProgramsIT {
    private static final int PAGE = 4096;

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static Host a;
    private static Host b;
    private static App onA;

    @BeforeAll
    static void start() {
        cluster = new Cluster(folder);
        a = cluster.host("a");
        b = cluster.host("b");
        onA = cluster.app(a);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    private static void createOnA(String name) {
        onA.ask("create", name, 64 * PAGE, PAGE);
        onA.ask("map", name);
    }

    @Test
    void shouldWalkInCOnOneHostTheListThatJavaBuiltOnAnother() throws Exception {
        createOnA("list");
        long sum = onA.askLong("list-build", "list", 10_000);

        ProcessBuilder walk = new ProcessBuilder(CProgram.listWalk().toString(), "list", "0");
        walk.environment().put("PAGEWIRE_SOCKET", b.socket().toString());
        Process process = walk.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(FairClock.ends(process, Duration.ofSeconds(20))).isTrue();
        assertThat(output).contains("count 10000 sum " + sum);
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void shouldGivePagesBackInAProgramThatLocksAllItsMemory() {
        createOnA("locked");
        App reader = cluster.cApp(b);
        App writer = cluster.cApp(a);
        for (App app : new App[] {reader, writer}) {
            app.ask("map", "locked");
            app.ask("mlockall");
        }
        for (int n = 1; n <= 50; n++) {
            writer.ask("put", "locked", n % 4 * PAGE, n);
            assertThat(reader.askLong("get", "locked", n % 4 * PAGE)).isEqualTo(n);
            assertThat(onA.askLong("get", "locked", n % 4 * PAGE)).isEqualTo(n);
        }
    }

    @Test
    void shouldMapARegionInAProgramThatLockedAllItsMemoryBefore() {
        createOnA("locked-before");
        App reader = cluster.cApp(b);
        reader.ask("mlockall");
        reader.ask("map", "locked-before");
        for (int n = 1; n <= 20; n++) {
            onA.ask("put", "locked-before", 0, n);
            assertThat(reader.askLong("get", "locked-before", 0)).isEqualTo(n);
        }
    }

    @Test
    void shouldNotBeDisturbedByChildrenOfAProgramThatForks() {
        createOnA("forks");
        App reader = cluster.cApp(b);
        reader.ask("map", "forks");
        for (int n = 1; n <= 20; n++) {
            onA.ask("put", "forks", 0, n);
            assertThat(reader.ask("fork", "forks")).isEqualTo("exit 0");
            assertThat(reader.askLong("get", "forks", 0)).isEqualTo(n);
            assertThat(reader.ask("fork-touch", "forks"))
                    .as("a child has no region")
                    .isEqualTo("SEGV");
        }
        onA.ask("put", "forks", PAGE, 1);
        assertThat(reader.askLong("get", "forks", PAGE)).isEqualTo(1);
    }

    @Test
    void shouldNameWhatStandsInTheAddressRangeOfARegion() {
        onA.ask("create", "occupied", 4 * PAGE, PAGE);
        String address = onA.ask("map", "occupied").split(" ")[0];
        App squatter = cluster.cApp(b);
        squatter.ask("occupy", address, PAGE);

        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> squatter.ask("map", "occupied"));

        assertThat(failure.type()).isEqualTo("EEXIST");
        assertThat(failure).hasMessageContaining("occupied").hasMessageContaining(address.substring(2));
    }

    @Test
    void shouldGiveAProgramOfAHostThatDoesNotOwnTheRegionNoWayToMakeItsFramesWritable() {
        createOnA("read-only");
        App reader = cluster.cApp(b);
        reader.ask("map", "read-only");
        reader.ask("get", "read-only", 0);

        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> reader.ask("make-writable", "read-only"));
        assertThat(failure.type()).isEqualTo("EACCES");

        failure = catchThrowableOfType(AppFailure.class, () -> reader.ask("put", "read-only", 0, 1));
        assertThat(failure.type()).isEqualTo("SIGBUS");
        assertThat(reader.askLong("get", "read-only", 0)).isZero();
    }
}
