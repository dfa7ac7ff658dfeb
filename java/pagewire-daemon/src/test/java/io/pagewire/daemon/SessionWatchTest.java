package io.pagewire.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pagewire.daemon.circuit.EventLoops;
import io.pagewire.daemon.directory.Directory;
import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.region.HomeRuntime;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.region.Sources;
import io.pagewire.daemon.stream.StreamTable;
import io.pagewire.daemon.sys.Sys;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which regions are served again after the directory session has expired, and under which claim. */
class SessionWatchTest {
    private final EventLoops loops = new EventLoops(1, 0);
    private final ConcurrentHashMap<String, Function<RegionRecord, CompletableFuture<OwnerRecord>>> claims =
            new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private RegionContext context;
    private RegionTable table;
    private SessionWatch watch;

    @BeforeEach
    void open() throws Exception {
        context = Apparatus.context();
        table = new RegionTable(context, loops);
        StreamTable streams = new StreamTable(context, loops);
        watch = new SessionWatch(new DaemonInfo("127.0.0.1:1"), Runnable::run, () -> table, () -> streams);
        watch.ready((Directory) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Directory.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("claim");
                    RegionRecord record = (RegionRecord) arguments[0];
                    asked.add(record.name());
                    return claims.get(record.name()).apply(record);
                }));
    }

    @AfterEach
    void close() throws Exception {
        watch.expired(); // nothing is tried again
        for (HomeRuntime home : table.homes()) {
            home.loop().submit(home::close).get(10, TimeUnit.SECONDS);
        }
        loops.close();
    }

    private HomeRuntime home(String name, int id) throws Exception {
        long size = 16 * 4096;
        RegionRecord record = new RegionRecord(
                name, id, 0x6600_0020_0000L * id, size, size, 4096, Kind.CREATED, "a", null, 1, false, false);
        HomeRuntime home = Sources.home(context, record, loops.forRegion(id), owner(record, 1), false, true);
        table.add(home);
        return home;
    }

    private static OwnerRecord owner(RegionRecord record, long epoch) {
        return new OwnerRecord(record.id(), "a", "127.0.0.1", 1, Apparatus.SESSION, epoch, false);
    }

    private void claimsAre(String name, long epoch) {
        claims.put(name, record -> CompletableFuture.completedFuture(owner(record, epoch)));
    }

    private void claimsFail(String name) {
        claims.put(
                name,
                record -> CompletableFuture.failedFuture(
                        new DirectoryException(DirectoryException.Kind.INVALID, "the owner's node is garbage")));
    }

    private void newSession() {
        watch.expired();
        watch.connected(Sys.bootTimeNs());
    }

    private void leaseIsExtended() {
        watch.leaseExtended(Sys.bootTimeNs() + TimeUnit.MINUTES.toNanos(1));
    }

    /** What the region's own thread says, after everything that it was told before. */
    private static boolean isServed(HomeRuntime home) throws Exception {
        return home.loop().submit(() -> !home.owner().isSuspended()).get(10, TimeUnit.SECONDS);
    }

    private static long epoch(HomeRuntime home) throws Exception {
        return home.loop().submit(() -> home.owner().claim().epoch()).get(10, TimeUnit.SECONDS);
    }

    @Test
    void shouldServeTheOthersAgain_whenOneRegionCannotBeClaimed() throws Exception {
        HomeRuntime broken = home("broken", 1);
        List<HomeRuntime> others = List.of(home("second", 2), home("third", 3), home("fourth", 4));
        claimsFail("broken");
        others.forEach(home -> claimsAre(home.record().name(), 2));
        newSession();
        leaseIsExtended();
        for (HomeRuntime home : others) {
            assertThat(isServed(home)).isTrue();
        }
        assertThat(isServed(broken)).isFalse();
    }

    @Test
    void shouldGoOnClaimingARegion_whenThatFailed() throws Exception {
        HomeRuntime broken = home("broken", 1);
        claimsFail("broken");
        newSession();
        await().until(() -> asked.size() >= 2);
        claimsAre("broken", 2);
        await().until(() -> epoch(broken) == 2);
        leaseIsExtended();
        assertThat(isServed(broken)).isTrue();
    }

    @Test
    void shouldNotServeUnderAClaimOfASessionThatHasExpiredMeanwhile() throws Exception {
        HomeRuntime home = home("prices", 1);
        CompletableFuture<OwnerRecord> late = new CompletableFuture<>();
        claims.put("prices", record -> late);
        newSession();
        claims.put("prices", record -> new CompletableFuture<>());
        newSession();
        late.complete(owner(home.record(), 2));
        leaseIsExtended();
        assertThat(isServed(home)).isFalse();
    }

    @Test
    void shouldKeepTheLaterClaim_whenAnEarlierOneIsToldAfterIt() throws Exception {
        HomeRuntime home = home("prices", 1);
        CompletableFuture<OwnerRecord> late = new CompletableFuture<>();
        claims.put("prices", record -> late);
        newSession();
        claimsAre("prices", 3);
        newSession();
        late.complete(owner(home.record(), 2));
        leaseIsExtended();
        assertThat(isServed(home)).isTrue();
        assertThat(epoch(home)).isEqualTo(3);
    }

    @Test
    void shouldClaimAgainARegionThatWasClaimedWhileTheSessionEnded() throws Exception {
        int before = watch.expiries();
        newSession();
        HomeRuntime home = home("prices", 1);
        assertThat(watch.expiries()).isNotEqualTo(before);
        CompletableFuture<OwnerRecord> claim = new CompletableFuture<>();
        claims.put("prices", record -> claim);
        watch.claimAgain(home);
        leaseIsExtended();
        assertThat(isServed(home)).isFalse();
        claim.complete(owner(home.record(), 2));
        leaseIsExtended();
        assertThat(isServed(home)).isTrue();
    }

    @Test
    void shouldGiveARegionUp_whenTheDirectoryHasForgottenIt() throws Exception {
        HomeRuntime home = home("prices", 1);
        claims.put(
                "prices",
                record -> CompletableFuture.failedFuture(
                        new DirectoryException(DirectoryException.Kind.UNKNOWN_REGION, "there is no region prices")));
        newSession();
        leaseIsExtended();
        assertThat(isServed(home)).isFalse();
        assertThat(asked).hasSize(1);
    }
}
