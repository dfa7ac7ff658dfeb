package io.pagewire.daemon.directory;

import static io.pagewire.daemon.directory.Hosts.PAGE;
import static io.pagewire.daemon.directory.Hosts.failureOf;
import static io.pagewire.daemon.directory.Hosts.get;
import static io.pagewire.daemon.directory.Hosts.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pagewire.daemon.directory.Hosts.Owners;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two hosts and the embedded server of the first, none of them failing. */
class DirectoryTest {
    @TempDir
    Path temp;

    private Hosts hosts;
    private Directory a;
    private Directory b;

    @BeforeEach
    void open() throws DirectoryException {
        hosts = new Hosts(temp, 20_000); // none ends, however busy the machine is
        a = hosts.embedded("a");
        b = hosts.joined("b", a.connectString());
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    @Test
    void shouldTellEveryHostTheSameAboutARegion() throws DirectoryException {
        RegionRecord made = get(a.create(RegionSpec.created("prices", 5 * PAGE - 1, PAGE)));
        assertThat(made)
                .isEqualTo(new RegionRecord(
                        "prices",
                        1,
                        made.base(),
                        5 * PAGE,
                        5 * PAGE,
                        PAGE,
                        Kind.CREATED,
                        "a",
                        null,
                        Hosts.identityOf("a") + 1,
                        false,
                        false));
        assertThat(made.base()).isBetween(AddressSpace.START, AddressSpace.START + AddressSpace.SPREAD);
        assertThat(get(b.lookup("prices"))).isEqualTo(made);
        assertThat(a.incarnation()).isEqualTo(b.incarnation()).isNotZero();
        assertThat(a.embedded()).isTrue();
        assertThat(b.embedded()).isFalse();
        assertThat(b.connectString()).isEqualTo(a.connectString()).startsWith("127.0.0.1:");
    }

    @Test
    void shouldKeepTheExactSizeAndThePathOfAnExportedFile() throws DirectoryException {
        RegionRecord made = get(a.create(RegionSpec.exported("f/ü 1".replace(" ", "-"), 5000, PAGE, "/a b%\n=\u00e9")));
        assertThat(made.size()).isEqualTo(5000);
        assertThat(made.span()).isEqualTo(2 * PAGE);
        assertThat(get(b.lookup("f/ü-1"))).isEqualTo(made);
        assertThat(made.file()).isEqualTo("/a b%\n=\u00e9");
    }

    @Test
    void shouldTellEveryHostWhoMayWriteAndWhatIsResident() throws DirectoryException {
        RegionSpec spec = RegionSpec.exported("ledger", 5000, PAGE, "/ledger")
                .withAnyWriter(true)
                .withResident(true);
        get(a.create(spec));
        assertThat(get(b.lookup("ledger")))
                .returns(true, RegionRecord::anyWriter)
                .returns(true, RegionRecord::resident);
        assertThat(failureOf(a.create(RegionSpec.created("x", PAGE, PAGE).withResident(true))))
                .hasMessageContaining("only an exported file can be made resident");
    }

    @Test
    void shouldListRegionsByName() throws DirectoryException {
        for (String name : List.of("c", "a/b", "a", "B")) {
            get(a.create(spec(name)));
        }
        assertThat(Hosts.all(b)).extracting(RegionRecord::name).containsExactly("B", "a", "a/b", "c");
    }

    @Test
    void shouldNeverUseAnIdOrAnAddressAgain() throws DirectoryException {
        RegionRecord first = get(a.create(RegionSpec.created("x", 3 << 20, PAGE)));
        get(a.delete(first));
        RegionRecord second = get(a.create(RegionSpec.created("x", 3 << 20, PAGE)));
        assertThat(second.id()).isGreaterThan(first.id());
        assertThat(second.base()).isGreaterThanOrEqualTo(first.base() + first.span() + (2 << 20));
        assertThat(second.base() % (2 << 20)).isZero();
    }

    @Test
    void shouldRefuseWhatIsNotRightAndSayWhy() {
        assertThat(failureOf(a.create(spec("a b"))))
                .hasMessageContaining("\"a b\" contains the character U+0020")
                .extracting(DirectoryException::kind)
                .isEqualTo(DirectoryException.Kind.INVALID);
        assertThat(failureOf(a.create(RegionSpec.created("x", 0, PAGE)))).hasMessageContaining("size of 0 bytes");
        assertThat(failureOf(a.create(RegionSpec.created("x", (1L << 40) + 1, PAGE))))
                .hasMessageContaining("not between 1 and 1099511627776");
        assertThat(failureOf(a.create(RegionSpec.created("x", PAGE, 5000)))).hasMessageContaining("page size of 5000");
        assertThat(failureOf(a.create(RegionSpec.exported("x", PAGE, PAGE, "relative"))))
                .hasMessageContaining("not an absolute path");
        assertThat(failureOf(a.lookup(""))).hasMessageContaining("empty");
    }

    @Test
    void shouldSayThatTheAddressSpaceIsUsedUp() throws DirectoryException {
        List<RegionRecord> made = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            made.add(get(a.create(RegionSpec.created("big" + i, 1L << 40, 2 << 20))));
        }
        assertThat(failureOf(a.create(RegionSpec.created("big8", 1L << 40, 2 << 20))))
                .hasMessageContaining("no room for a region of 1099511627776 bytes")
                .extracting(DirectoryException::kind)
                .isEqualTo(DirectoryException.Kind.INVALID);
        assertThat(made.get(7).base() + made.get(7).span()).isLessThan(0x6F00_0000_0000L);
        assertThat(get(a.create(spec("small"))).base()).isLessThan(0x6F00_0000_0000L);
    }

    @Test
    void shouldSayWhichRegionIsUnknownAndWhichExists() throws DirectoryException {
        assertThat(failureOf(b.lookup("nowhere")))
                .hasMessageContaining("no region \"nowhere\"")
                .extracting(DirectoryException::kind)
                .isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
        get(a.create(spec("x")));
        assertThat(failureOf(b.create(spec("x"))))
                .hasMessageContaining("region \"x\" exists already: 4096 bytes, owned by host \"a\"")
                .extracting(DirectoryException::kind)
                .isEqualTo(DirectoryException.Kind.EXISTS);
        assertThat(failureOf(b.owner(77)).kind()).isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
    }

    @Test
    void shouldTellTheOwnerOnceTheRegionIsClaimed() throws DirectoryException {
        RegionRecord region = get(a.create(spec("x")));
        assertThat(failureOf(b.owner(region.id())).kind()).isEqualTo(DirectoryException.Kind.NO_OWNER);
        OwnerRecord claim = get(a.claim(region, true));
        assertThat(claim)
                .isEqualTo(new OwnerRecord(
                        region.id(), "a", "127.0.0.1", 7001, Hosts.identityOf("a") + 1, claim.epoch(), true));
        assertThat(claim.epoch()).isPositive();
        assertThat(get(b.owner(region.id()))).isEqualTo(claim);
        assertThat(get(a.claim(region, true))).isEqualTo(claim);
        assertThat(get(a.claim(region, false)).epoch()).isEqualTo(claim.epoch());
        assertThat(get(b.owner(region.id())).lost()).isFalse();
    }

    @Test
    void shouldLetOnlyTheOwnersHostClaimAndDelete() throws DirectoryException {
        RegionRecord region = get(a.create(spec("x")));
        assertThat(failureOf(b.claim(region, false)))
                .hasMessageContaining("belongs to host \"a\"")
                .extracting(DirectoryException::kind)
                .isEqualTo(DirectoryException.Kind.OWNED);
        assertThat(failureOf(b.delete(region)).kind()).isEqualTo(DirectoryException.Kind.OWNED);
        assertThat(get(b.lookup("x"))).isEqualTo(region);
    }

    @Test
    void shouldForgetADeletedRegionAltogether() throws DirectoryException {
        RegionRecord region = get(a.create(spec("x")));
        get(a.claim(region, false));
        get(a.delete(region));
        assertThat(failureOf(b.lookup("x")).kind()).isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
        assertThat(failureOf(b.owner(region.id())).kind()).isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
        assertThat(failureOf(a.claim(region, false)).kind()).isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
        assertThat(failureOf(a.delete(region)).kind()).isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
        assertThat(Hosts.all(b)).isEmpty();
    }

    @Test
    void shouldNotDeleteALaterRegionOfTheSameName() throws DirectoryException {
        RegionRecord first = get(a.create(spec("x")));
        get(a.delete(first));
        RegionRecord second = get(a.create(spec("x")));
        assertThat(failureOf(a.delete(first)).kind()).isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
        assertThat(get(b.lookup("x"))).isEqualTo(second);
    }

    @Test
    void shouldLetExactlyOneOfTwoCreatorsWinAndNeverOverlapRanges() throws DirectoryException {
        List<CompletableFuture<RegionRecord>> attempts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            attempts.add(a.create(spec("same" + i)));
            attempts.add(b.create(spec("same" + i)));
            attempts.add(a.create(RegionSpec.created("of-a-" + i, 3 << 20, PAGE)));
            attempts.add(b.create(RegionSpec.created("of-b-" + i, 5 << 20, PAGE)));
        }
        int exists = 0;
        List<RegionRecord> made = new ArrayList<>();
        for (CompletableFuture<RegionRecord> attempt : attempts) {
            try {
                made.add(get(attempt));
            } catch (DirectoryException e) {
                assertThat(e.kind()).isEqualTo(DirectoryException.Kind.EXISTS);
                exists++;
            }
        }
        assertThat(exists).isEqualTo(20);
        made.sort((x, y) -> Long.compare(x.base(), y.base()));
        for (int i = 1; i < made.size(); i++) {
            assertThat(made.get(i).base())
                    .isGreaterThanOrEqualTo(
                            made.get(i - 1).base() + made.get(i - 1).span() + (2 << 20));
        }
        assertThat(made).extracting(RegionRecord::id).doesNotHaveDuplicates().hasSize(60);
        assertThat(Hosts.all(a)).containsExactlyInAnyOrderElementsOf(made);
    }

    @Test
    void shouldPushOwnerChangesAndDeletion() throws DirectoryException {
        RegionRecord region = get(a.create(spec("x")));
        Owners heard = new Owners();
        b.watch(region.id(), heard);
        await().until(() -> heard.events.equals(List.of("gone 1")));
        OwnerRecord claim = get(a.claim(region, false));
        await().until(() -> heard.events.contains("owner a " + claim.epoch()));
        Owners late = new Owners();
        b.watch(region.id(), late);
        await().until(() -> late.events.equals(List.of("owner a " + claim.epoch())));
        get(a.delete(region));
        await().until(() -> heard.events.contains("deleted 1"));
        await().until(() -> late.events.contains("deleted 1"));
        assertThat(heard.events).filteredOn(e -> e.startsWith("owner")).hasSize(1);
    }

    @Test
    void shouldTellNothingAfterUnwatch() throws DirectoryException {
        RegionRecord region = get(a.create(spec("x")));
        Owners first = new Owners();
        Owners second = new Owners();
        b.watch(region.id(), first);
        b.watch(region.id(), second);
        await().until(() -> first.events.size() == 1 && second.events.size() == 1);
        b.unwatch(region.id(), first);
        get(a.claim(region, false));
        await().until(() -> second.events.size() == 2);
        assertThat(first.events).containsExactly("gone 1");
    }

    @Test
    void shouldSayThatARegionToWatchDoesNotExist() {
        Owners heard = new Owners();
        b.watch(99, heard);
        await().until(() -> heard.events.equals(List.of("deleted 99")));
    }

    @Test
    void shouldGiveUpClaimsWhenTheOwnerCloses() throws DirectoryException {
        RegionRecord region = get(b.create(spec("x")));
        get(b.claim(region, false));
        Owners heard = new Owners();
        a.watch(region.id(), heard);
        await().until(() -> heard.events.size() == 1);
        hosts.close(b);
        await().until(() -> heard.events.contains("gone 1"));
        assertThat(get(a.lookup("x"))).isEqualTo(region);
        assertThat(failureOf(b.lookup("x"))).hasMessageContaining("the directory was closed");
    }
}
