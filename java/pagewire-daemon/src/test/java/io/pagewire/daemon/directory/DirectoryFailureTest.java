package io.pagewire.daemon.directory;

import static io.pagewire.daemon.directory.Hosts.failureOf;
import static io.pagewire.daemon.directory.Hosts.get;
import static io.pagewire.daemon.directory.Hosts.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.pagewire.daemon.directory.Hosts.Log;
import io.pagewire.daemon.directory.Hosts.Owners;
import io.pagewire.daemon.sys.Sys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that are cut off, daemons that come back, servers that are not there. */
class DirectoryFailureTest {
    @TempDir
    Path temp;

    private Hosts hosts;

    @BeforeEach
    void make() {
        hosts = new Hosts(temp);
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    @Test
    void shouldEndTheLeaseBeforeTheClaimOfAHostThatIsCutOff() throws Exception {
        Directory a = hosts.embedded("a");
        try (CutProxy proxy = new CutProxy(a.connectString())) {
            Log log = new Log();
            Directory b = hosts.joined("b", proxy.address(), 2, log);
            RegionRecord region = get(b.create(spec("x")));
            get(b.claim(region, false));
            long[] goneAtNs = new long[1];
            a.watch(region.id(), new Owners() {
                @Override
                public void ownerGone(int regionId) {
                    goneAtNs[0] = Sys.bootTimeNs();
                    super.ownerGone(regionId);
                }
            });
            await().until(() -> log.leaseEndNs > Sys.bootTimeNs());
            proxy.cut();
            await().until(() -> log.events.contains("disconnected"));
            assertThat(failureOfOwner(a, region)).isNull();
            await().until(() -> goneAtNs[0] != 0);
            assertThat(log.leaseEndNs).isBetween(log.connectedAtNs, goneAtNs[0]);
            assertThat(log.events).doesNotContain("expired");
        }
    }

    private static DirectoryException failureOfOwner(Directory directory, RegionRecord region) {
        try {
            get(directory.owner(region.id()));
            return null;
        } catch (DirectoryException e) {
            return e;
        }
    }

    @Test
    void shouldTellOfAnExpiredSessionAndClaimWithAHigherEpochInTheNext() throws Exception {
        Directory a = hosts.embedded("a");
        try (CutProxy proxy = new CutProxy(a.connectString())) {
            Log log = new Log();
            Directory b = hosts.joined("b", proxy.address(), 2, log);
            RegionRecord region = get(b.create(spec("x")));
            OwnerRecord first = get(b.claim(region, false));
            Owners seen = new Owners();
            a.watch(region.id(), seen);
            await().until(() -> seen.events.size() == 1);
            proxy.cut();
            await().until(() -> seen.events.contains("gone " + region.id()));
            proxy.heal();
            await().until(() -> log.events.equals(List.of("connected", "disconnected", "expired", "connected")));
            OwnerRecord second = get(b.claim(region, true));
            assertThat(second.epoch()).isGreaterThan(first.epoch());
            await().until(() -> seen.events.contains("owner b " + second.epoch()));
            await().until(() -> log.leaseEndNs > log.expiredToldAtNs + 500_000_000L);
        }
    }

    @Test
    void shouldKeepSessionAndClaimsOverAShortCut() throws Exception {
        Directory a = hosts.embedded("a");
        try (CutProxy proxy = new CutProxy(a.connectString())) {
            Log log = new Log();
            // Long enough for the pause that ZooKeeper's client makes before it connects again.
            DirectorySettings settings = new DirectorySettings(false, proxy.address(), null, 0, temp, 2, 10_000, 5000);
            try (Directory b = Directories.open(settings, "b", "127.0.0.1", 7002, 4, log)) {
                RegionRecord region = get(b.create(spec("x")));
                OwnerRecord claim = get(b.claim(region, false));
                Owners heard = new Owners();
                b.watch(region.id(), heard);
                await().until(() -> heard.events.size() == 1);
                proxy.cut();
                await().until(() -> log.events.contains("disconnected"));
                CompletableFuture<RegionRecord> meanwhile = b.create(spec("y"));
                proxy.heal();
                await().until(() -> log.events.equals(List.of("connected", "disconnected", "connected")));
                assertThat(get(meanwhile).id()).isGreaterThan(region.id());
                assertThat(get(a.owner(region.id()))).isEqualTo(claim);
                assertThat(get(b.claim(region, false))).isEqualTo(claim);
                assertThat(heard.events).hasSize(1);
            }
        }
    }

    @Test
    void shouldHearOfChangesMadeWhileItsSessionWasGone() throws Exception {
        Directory a = hosts.embedded("a");
        RegionRecord kept = get(a.create(spec("kept")));
        RegionRecord deleted = get(a.create(spec("deleted")));
        try (CutProxy proxy = new CutProxy(a.connectString())) {
            Log log = new Log();
            Directory b = hosts.joined("b", proxy.address(), 2, log);
            Owners ofKept = new Owners();
            Owners ofDeleted = new Owners();
            b.watch(kept.id(), ofKept);
            b.watch(deleted.id(), ofDeleted);
            await().until(() -> ofKept.events.size() == 1 && ofDeleted.events.size() == 1);
            proxy.cut();
            OwnerRecord claim = get(a.claim(kept, false));
            get(a.delete(deleted));
            await().until(() -> log.events.contains("disconnected"));
            await().pollDelay(java.time.Duration.ofMillis(Hosts.SESSION_MS + 1000L))
                    .until(() -> true);
            proxy.heal();
            await().until(() -> ofKept.events.contains("owner a " + claim.epoch()));
            await().until(() -> ofDeleted.events.contains("deleted " + deleted.id()));
        }
    }

    @Test
    void shouldTakeOverAtOnceFromAKilledDaemonOfTheSameDataDirectory() throws Exception {
        Directory a = hosts.embedded("a");
        CutProxy proxy = new CutProxy(a.connectString());
        // To the server this looks like a daemon killed with -9 that has a long session left.
        DirectorySettings settings = new DirectorySettings(false, proxy.address(), null, 0, temp, 5, 60_000, 5000);
        Directory killed = Directories.open(settings, "b", "127.0.0.1", 7002, 6, new Log());
        try {
            RegionRecord region = get(killed.create(spec("x")));
            OwnerRecord before = get(killed.claim(region, false));
            proxy.close();
            long start = System.nanoTime();
            Directory again = hosts.joined("b", a.connectString(), 5, new Log());
            RegionRecord found = get(again.lookup("x"));
            OwnerRecord after = get(again.claim(found, true));
            assertThat(System.nanoTime() - start)
                    .as("less than the session of the killed one has left")
                    .isLessThan(50_000_000_000L);
            assertThat(found).isEqualTo(region);
            assertThat(after.epoch()).isGreaterThan(before.epoch());
            assertThat(get(a.owner(region.id()))).isEqualTo(after);
        } finally {
            killed.close();
        }
    }

    @Test
    void shouldWaitForTheNameOfAKilledDaemonOfAnotherDataDirectory() throws Exception {
        Directory a = hosts.embedded("a");
        CutProxy proxy = new CutProxy(a.connectString());
        hosts.joined("b", proxy.address(), 5, new Log());
        proxy.close();
        Directory again = hosts.joined("b", a.connectString(), 6, new Log());
        assertThat(get(again.create(spec("x"))).owner()).isEqualTo("b");
    }

    @Test
    void shouldRefuseTheNameOfAnotherLiveHost() throws Exception {
        Directory a = hosts.embedded("a");
        hosts.joined("b", a.connectString(), 5, new Log());
        assertThatExceptionOfType(DirectoryException.class)
                .isThrownBy(() -> hosts.joined("b", a.connectString(), 6, new Log()))
                .withMessageContaining("host name \"b\" is taken by the dsmd at 127.0.0.1:7002")
                .withMessageContaining("--name")
                .extracting(DirectoryException::kind)
                .isEqualTo(DirectoryException.Kind.HOST_TAKEN);
    }

    @Test
    void shouldRegisterAgainWhenItsRegistrationIsRemovedByHand() throws Exception {
        Directory a = hosts.embedded("a");
        Directory b = hosts.joined("b", a.connectString());
        try (RawZooKeeper raw = new RawZooKeeper(a.connectString())) {
            raw.delete("/pagewire/hosts/b");
            await().until(() -> raw.exists("/pagewire/hosts/b"));
        }
        assertThat(get(b.create(spec("x"))).owner()).isEqualTo("b");
    }

    @Test
    void shouldStartTheEmbeddedServerAgainWhenItStopsByItself() throws Exception {
        Directory a = hosts.embedded("a");
        Directory b = hosts.joined("b", a.connectString());
        RegionRecord region = get(a.create(spec("x")));
        get(a.claim(region, false));

        ((ZooDirectory) a).server().stopByItself();

        await().untilAsserted(() -> assertThat(get(b.lookup("x"))).isEqualTo(region));
        get(a.create(spec("y")));
    }

    @Test
    void shouldKeepEverythingOverARestartOfTheEmbeddedServer() throws Exception {
        Directory a = hosts.embedded("a");
        int port = Integer.parseInt(a.connectString().substring("127.0.0.1:".length()));
        Log log = new Log();
        Directory b = hosts.joined("b", a.connectString(), 2, log);
        RegionRecord region = get(a.create(spec("x")));
        long incarnation = a.incarnation();
        hosts.close(a);
        await().until(() -> log.events.contains("disconnected"));
        Directory again = hosts.embedded("a", port, Hosts.identityOf("a"), new Log());
        assertThat(again.incarnation()).isEqualTo(incarnation);
        assertThat(get(again.lookup("x"))).isEqualTo(region);
        assertThat(get(again.create(spec("y"))).id()).isGreaterThan(region.id());
        await().until(() -> log.events.lastIndexOf("connected") > 0);
        assertThat(Hosts.all(b)).extracting(RegionRecord::name).containsExactly("x", "y");
        assertThat(get(b.create(spec("z"))).owner()).isEqualTo("b");
    }

    @Test
    void shouldRefuseToGoOnWithADirectoryThatWasMadeAnew() throws Exception {
        Directory a = hosts.embedded("a");
        Log log = new Log();
        Directory b = hosts.joined("b", a.connectString(), 2, log);
        try (RawZooKeeper raw = new RawZooKeeper(a.connectString())) {
            raw.set("/pagewire", "pagewire-directory 2\nincarnation=00000000000000ff\n");
            raw.delete("/pagewire/hosts/b"); // makes b look
        }
        await().until(() -> refused(b) != null);
        assertThat(refused(b))
                .hasMessageContaining("is not the one this dsmd has worked with")
                .hasMessageContaining("restart dsmd")
                .extracting(DirectoryException::kind)
                .isEqualTo(DirectoryException.Kind.INVALID);
        long lease = log.leaseEndNs;
        await().until(() -> Sys.bootTimeNs() > lease);
        assertThat(log.leaseEndNs).isEqualTo(lease);
    }

    private static DirectoryException refused(Directory directory) {
        try {
            get(directory.delete(get(directory.create(spec("x")))));
            return null;
        } catch (DirectoryException e) {
            return e;
        }
    }

    @Test
    void shouldSayWhichAddressDoesNotAnswer() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        DirectorySettings settings = new DirectorySettings(false, "127.0.0.1:" + port, null, 0, temp, 1, 1500, 1000);
        assertThatExceptionOfType(DirectoryException.class)
                .isThrownBy(() -> Directories.open(settings, "a", "127.0.0.1", 7001, 1, new Log()))
                .withMessageContaining("no directory answers at 127.0.0.1:" + port)
                .extracting(DirectoryException::kind)
                .isEqualTo(DirectoryException.Kind.UNREACHABLE);
    }

    @Test
    void shouldEndAnOpeningWithASilentServer() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            DirectorySettings settings =
                    new DirectorySettings(false, "127.0.0.1:" + silent.getLocalPort(), null, 0, temp, 1, 1500, 1000);
            assertThatExceptionOfType(DirectoryException.class)
                    .isThrownBy(() -> Directories.open(settings, "a", "127.0.0.1", 7001, 1, new Log()))
                    .extracting(DirectoryException::kind)
                    .isEqualTo(DirectoryException.Kind.UNREACHABLE);
        }
    }

    @Test
    void shouldWaitForTheServerOfItsOwnProcessBeyondTheDeadlineOfOperations() throws Exception {
        Directory a = hosts.embedded("a");
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        try (CutProxy proxy = new CutProxy(a.connectString())) {
            proxy.cut();
            DirectorySettings settings = new DirectorySettings(true, null, "127.0.0.1", 0, temp, 2, 1500, 200);
            DirectorySession session = new DirectorySession(
                    settings, proxy.address(), new HostRecord("own", "127.0.0.1", 7002, 4, 2), new Log(), thread);
            CompletableFuture<Void> opened = session.start();
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> opened.get(5L * OwnPatience.LOOK_MS / 2, TimeUnit.MILLISECONDS));
            assertThat(session.awaitsOwnServer()).isTrue();
            proxy.heal();
            opened.get(60, TimeUnit.SECONDS);
            assertThat(session.awaitsOwnServer()).isFalse();
            session.close();
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void shouldFailOperationsByTheirDeadlineWhileTheServerIsAway() throws Exception {
        Directory a = hosts.embedded("a");
        try (CutProxy proxy = new CutProxy(a.connectString())) {
            DirectorySettings settings = new DirectorySettings(false, proxy.address(), null, 0, temp, 2, 1500, 1000);
            try (Directory b = Directories.open(settings, "b", "127.0.0.1", 7002, 2, new Log())) {
                proxy.cut();
                for (CompletableFuture<?> operation :
                        List.of(b.lookup("x"), b.list("", 10), b.create(spec("x")), b.owner(1))) {
                    DirectoryException failure = failureOf(operation);
                    assertThat(failure.kind()).isEqualTo(DirectoryException.Kind.UNREACHABLE);
                    assertThat(failure).hasMessageContaining("no directory answers at " + proxy.address());
                }
            }
        }
    }

    @Test
    void shouldEndOperationsWhenClosed() throws Exception {
        Directory a = hosts.embedded("a");
        try (CutProxy proxy = new CutProxy(a.connectString())) {
            Log log = new Log();
            Directory b = hosts.joined("b", proxy.address(), 2, log);
            proxy.cut();
            await().until(() -> log.events.contains("disconnected"));
            CompletableFuture<RegionRecord> operation = b.create(spec("x"));
            hosts.close(b);
            assertThat(operation).isDone();
            assertThat(failureOf(operation)).hasMessageContaining("the directory was closed");
            b.close();
        }
    }

    @Test
    void shouldSayWhoToJoinWhenThePortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatExceptionOfType(DirectoryException.class)
                    .isThrownBy(() -> hosts.embedded("a", port, 1, new Log()))
                    .withMessageContaining("--directory 127.0.0.1:" + port)
                    .withMessageContaining("Address already in use");
        }
    }

    @Test
    void shouldLeaveNoThreadBehind() throws Exception {
        hosts.embedded("warm-up");
        hosts.close();
        await().until(() -> directoryThreads().isEmpty());
        Directory a = hosts.embedded("a");
        hosts.joined("b", a.connectString());
        assertThat(directoryThreads()).isNotEmpty();
        hosts.close();
        await().untilAsserted(() -> assertThat(directoryThreads()).isEmpty());
    }

    private static List<String> directoryThreads() throws IOException {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(n -> n.startsWith("directory")
                        || n.contains("SendThread")
                        || n.contains("EventThread")
                        || n.contains("NIO")
                        || n.contains("SyncThread")
                        || n.contains("SessionTracker")
                        || n.contains("ProcessThread")
                        || n.contains("PurgeTask"))
                .toList();
    }
}
