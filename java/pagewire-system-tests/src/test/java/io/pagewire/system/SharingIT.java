package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Regions and files shared between processes and hosts (SPEC: V8, V14, V15, O1-O3). */
@ExtendWith(LogsOnFailure.class)
class SharingIT {
    private static final int PAGE = 4096;

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static Host a;
    private static App onA;
    private static App alsoOnA;
    private static Host b;
    private static App onB;
    private static App alsoOnB;
    private static App onC;

    @BeforeAll
    static void start() {
        cluster = new Cluster(folder);
        a = cluster.host("a");
        b = cluster.host("b");
        Host c = cluster.host("c");
        onA = cluster.app(a);
        alsoOnA = cluster.app(a);
        onB = cluster.app(b);
        alsoOnB = cluster.app(b);
        onC = cluster.app(c);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    private static void mapOn(String name, App... apps) {
        for (App app : apps) {
            app.ask("map", name);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 65536, 2097152})
    void shouldReadOnTwoHostsWhatTheOwnerWroteInPagesOf(int pageSize) {
        String name = "created-" + pageSize;
        onA.ask("create", name, 3L * pageSize, pageSize);
        mapOn(name, onA, onB, onC);
        onA.ask("fill", name, 0, pageSize, 1);
        onA.ask("fill", name, pageSize, pageSize, 2);
        onA.ask("fill", name, 2L * pageSize, pageSize, 3);

        String digest = onA.ask("sha256", name);

        assertThat(onB.ask("sha256", name)).isEqualTo(digest);
        assertThat(onC.ask("sha256", name)).isEqualTo(digest);
        assertThat(onB.askLong("byte", name, 3L * pageSize - 1)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 65536, 2097152})
    void shouldReadEveryByteOfAnExportedFileWhoseLastPageIsPartlyFilledInPagesOf(int pageSize) throws Exception {
        byte[] content = new byte[2 * pageSize + 1234];
        new Random(pageSize).nextBytes(content);
        Path file = Files.write(folder.resolve("file-" + pageSize), content);
        String name = "exported-" + pageSize;
        onA.ask("export", name, file, pageSize);
        mapOn(name, onB);

        assertThat(onB.ask("info", name)).contains(" " + content.length + " ");
        assertThat(onB.ask("sha256", name))
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
    }

    @Test
    void shouldWriteIntoTheExportedFileWhatItsOwnerStores() throws Exception {
        Path file = Files.write(folder.resolve("written"), new byte[2 * PAGE]);
        onA.ask("export", "written", file, PAGE);
        mapOn("written", onA, onB);
        assertThat(onB.askLong("get", "written", PAGE)).isZero();

        onA.ask("put", "written", PAGE, 0x0102030405060708L);
        onA.ask("force", "written");

        assertThat(Files.readAllBytes(file)[PAGE]).isEqualTo((byte) 8);
        assertThat(onB.askLong("get", "written", PAGE)).isEqualTo(0x0102030405060708L);
    }

    @Test
    void shouldFetchAPageOnceForAllProcessesOfAHost() {
        onA.ask("create", "once", 64 * PAGE, PAGE);
        mapOn("once", onA, onB, alsoOnB);
        App third = cluster.app(b);
        third.ask("map", "once");
        onA.ask("put", "once", 8 * PAGE, 42);
        assertThat(onB.askLong("get", "once", 8 * PAGE)).isEqualTo(42);
        long fetches = b.counter("once", "fetches");
        long present = b.counter("once", "foundPresent");

        assertThat(alsoOnB.askLong("get", "once", 8 * PAGE)).isEqualTo(42);
        assertThat(third.askLong("get", "once", 8 * PAGE)).isEqualTo(42);

        assertThat(b.counter("once", "fetches")).isEqualTo(fetches);
        assertThat(b.counter("once", "foundPresent")).isEqualTo(present + 2);
    }

    @Test
    void shouldShowAStoreOfAnOwnersProcessToTheOthersAtOnce() {
        onA.ask("create", "at-once", 4 * PAGE, PAGE);
        mapOn("at-once", onA, alsoOnA);
        for (int n = 1; n <= 200; n++) {
            onA.ask("put", "at-once", 0, n);
            assertThat(alsoOnA.askLong("get", "at-once", 0)).isEqualTo(n);
            alsoOnA.ask("put", "at-once", PAGE, -n);
            assertThat(onA.askLong("get", "at-once", PAGE)).isEqualTo(-n);
        }
    }

    @Test
    void shouldFollowPlainPointersInEveryProcessOnEveryHost() {
        onA.ask("create", "list", 256 * PAGE, PAGE);
        mapOn("list", onA, alsoOnA, onB, onC);
        long sum = onA.askLong("list-build", "list", 10_000);
        String expected = "10000 " + sum;

        String address = onA.ask("info", "list").split(" ")[0];

        for (App app : new App[] {onA, alsoOnA, onB, onC}) {
            assertThat(app.ask("info", "list").split(" ")[0]).isEqualTo(address);
            assertThat(app.ask("list-walk", "list")).isEqualTo(expected);
        }
    }

    @Test
    void shouldShareRegionsOfDifferentOwnersAtDifferentAddresses() {
        onA.ask("create", "of-a", 4 * PAGE, PAGE);
        onB.ask("create", "of-b", 4 * PAGE, PAGE);
        mapOn("of-a", onA, onB, onC);
        mapOn("of-b", onA, onB, onC);
        onA.ask("put", "of-a", 0, 11);
        onB.ask("put", "of-b", 0, 22);

        for (App app : new App[] {onA, onB, onC}) {
            assertThat(app.askLong("get", "of-a", 0)).isEqualTo(11);
            assertThat(app.askLong("get", "of-b", 0)).isEqualTo(22);
        }
        assertThat(onA.ask("info", "of-a").split(" ")[0])
                .isNotEqualTo(onA.ask("info", "of-b").split(" ")[0]);
    }

    @Test
    void shouldRefuseAStoreOnAHostThatDoesNotOwnTheRegion() {
        onA.ask("create", "not-yours", 4 * PAGE, PAGE);
        mapOn("not-yours", onA, onB);
        onA.ask("put", "not-yours", 0, 5);

        assertThatThrownBy(() -> onB.ask("put", "not-yours", 0, 6))
                .isInstanceOf(AppFailure.class)
                .hasMessageContaining("PageFaultException READ_ONLY")
                .hasMessageContaining("'not-yours', page 0");

        assertThat(onB.askLong("get", "not-yours", 0)).isEqualTo(5);
        assertThat(onA.askLong("get", "not-yours", 0)).isEqualTo(5);
    }

    @Test
    void shouldMapARegionAgainAfterClosingIt() {
        onA.ask("create", "again", 4 * PAGE, PAGE);
        mapOn("again", onA);
        onA.ask("put", "again", 0, 1);
        for (int n = 0; n < 5; n++) {
            onB.ask("map", "again");
            assertThat(onB.askLong("get", "again", 0)).isEqualTo(1);
            onB.ask("close", "again");
        }
    }
}
