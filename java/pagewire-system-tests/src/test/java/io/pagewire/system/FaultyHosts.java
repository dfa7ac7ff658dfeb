package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two hosts whose parts are killed, stopped and cut off: b reads, a owns and stands behind a relay; the directory is in a third
 * one, which nothing happens to. Tests share the hosts; each begins with sound ones and a region of its own. The deadlines are short, so that tests that wait for them are, too.
 */
@ExtendWith(LogsOnFailure.class)
abstract class FaultyHosts {
    static final int PAGE = 4096;
    static final int TRY_MS = 20_000;
    private static final String DEADLINES = """
            [deadlines]
            fault-ms = 4000
            revoke-ms = 300
            heartbeat-ms = 50
            client-lease-ms = 300
            home-ms = 900
            directory-session-ms = 1500
            directory-operation-ms = 15000
            [writeback]
            dirty-max = 0
            """;

    @TempDir
    static Path folder;

    static Cluster cluster;
    static TcpCut way;
    static Host a;
    static Host b;

    /** Has the directory; nothing happens to it. */
    static Host d;

    private static App workingOnA;
    private static App workingOnB;
    private static int regions;

    /** Programs that are well at the start of each test. */
    App onA;

    App onB;

    /** The region of this test. */
    String region;

    final int pageSize;

    FaultyHosts() {
        this(PAGE);
    }

    FaultyHosts(int pageSize) {
        this.pageSize = pageSize;
    }

    @BeforeAll
    static void startHosts() {
        cluster = new Cluster(folder);
        String config = cluster.file("dsmd.toml", DEADLINES).toString();
        d = cluster.host("d", "--config", config);
        way = cluster.relayToFreePort();
        a = cluster.prepareBehind(way, "a", "--config", config);
        b = cluster.prepare("b", "--config", config);
        a.launch();
        b.launch();
        workingOnA = cluster.app(a);
        workingOnB = cluster.app(b);
        a.awaitReady();
        b.awaitReady();
    }

    @AfterAll
    static void endHosts() {
        cluster.close();
    }

    /** Whatever the test before did: the way is open, both daemons run, both programs are alive. */
    @BeforeEach
    void repair() {
        way.heal();
        a.ensureRunning();
        b.ensureRunning();
        if (!workingOnA.isAlive()) {
            workingOnA = cluster.app(a);
        }
        if (!workingOnB.isAlive()) {
            workingOnB = cluster.app(b);
        }
        onA = workingOnA;
        onB = workingOnB;
        region = "region-" + ++regions;
    }

    /** A region of a, mapped on both hosts, whose first word b has read already. */
    void share(int pages, long value) {
        onA.ask("create", region, (long) pages * pageSize, pageSize);
        onA.ask("map", region);
        onB.ask("map", region);
        onA.ask("put", region, 0, value);
        assertThat(onB.askLong("get-until", region, 0, TRY_MS)).isEqualTo(value);
    }

    /** A read on b that waits for its page; returns once b's daemon has asked for the page, which nobody answers. */
    CompletableFuture<String> readInVain(int page) {
        long remote = b.counter(region, "foundRemote");
        CompletableFuture<String> read = onB.send("get", region, (long) page * pageSize);
        Await.until("b to ask for page " + page).until(() -> b.counter(region, "foundRemote") > remote);
        assertThat(read).isNotDone();
        return read;
    }

    /** The failure that a command ends with; one that succeeds instead is an error of the test. */
    static AppFailure failure(CompletableFuture<String> answer) {
        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> App.await(answer));
        assertThat(failure).as("the failure of a command").isNotNull();
        return failure;
    }

    static AppFailure failure(App app, Object... words) {
        return failure(app.send(words));
    }
}
