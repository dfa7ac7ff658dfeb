package io.pagewire.daemon.directory;

import static io.pagewire.daemon.directory.Hosts.failureOf;
import static io.pagewire.daemon.directory.Hosts.get;
import static io.pagewire.daemon.directory.Hosts.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.pagewire.daemon.directory.Hosts.Log;
import io.pagewire.daemon.directory.Hosts.Owners;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that somebody else has written: nothing is done because of them, and the reason is told. */
class GarbageTest {
    @TempDir
    Path temp;

    private Hosts hosts;
    private Directory a;
    private RawZooKeeper raw;

    @BeforeEach
    void open() throws Exception {
        hosts = new Hosts(temp);
        a = hosts.embedded("a");
        raw = new RawZooKeeper(a.connectString());
    }

    @AfterEach
    void close() throws Exception {
        raw.close();
        hosts.close();
    }

    @Test
    void shouldRefuseARegionNodeThatIsNotValidAndListTheOthers() throws Exception {
        RegionRecord good = get(a.create(spec("good")));
        for (String name : List.of("bad", "empty", "other")) {
            raw.create(Nodes.bucket(Nodes.bucketOf(name)), "");
        }
        raw.create(Nodes.region("bad"), "garbage");
        raw.create(Nodes.region("empty"), "");
        raw.create(Nodes.region("other"), raw.get(Nodes.region("good")));
        assertThat(failureOf(a.lookup("bad")))
                .hasMessage("node " + Nodes.region("bad")
                        + " of the directory is not valid: its last line is not complete");
        assertThat(failureOf(a.lookup("empty")).kind()).isEqualTo(DirectoryException.Kind.INVALID);
        assertThat(failureOf(a.lookup("other"))).hasMessageContaining("it describes the region \"good\"");
        assertThat(Hosts.all(a)).containsExactly(good);
        assertThat(failureOf(a.create(spec("bad")))).hasMessageContaining(Nodes.region("bad"));
    }

    @Test
    void shouldRefuseARegionNodeWithWritersItDoesNotKnowOrOfAnEarlierVersion() throws Exception {
        get(a.create(spec("x")));
        String good = raw.get(Nodes.region("x"));
        for (String[] change : List.of(
                new String[] {"writers=owner", "writers=all", "writers is \"all\", neither any nor owner"},
                new String[] {"resident=no", "resident=", "resident is \"\", neither yes nor no"},
                new String[] {"resident=no", "resident=yes", "a created region is always in memory"},
                new String[] {"pagewire-region 2", "pagewire-region 1", "its version is \"1\", this program knows 2"
                })) {
            raw.set(Nodes.region("x"), good.replace(change[0], change[1]));
            assertThat(raw.get(Nodes.region("x"))).isNotEqualTo(good);
            assertThat(failureOf(a.lookup("x"))).hasMessageContaining(change[2]);
        }
    }

    @Test
    void shouldRefuseAnOwnerNodeThatIsNotValid() throws Exception {
        RegionRecord region = get(a.create(spec("x")));
        raw.create("/pagewire/owners/1", "pagewire-owner 1\nregion=2\n");
        Owners heard = new Owners();
        a.watch(region.id(), heard);
        assertThat(failureOf(a.owner(1))).hasMessageContaining("/pagewire/owners/1");
        assertThat(get(a.owners(List.of(1, 2)))).isEmpty();
        assertThat(failureOf(a.claim(region, false)).kind()).isEqualTo(DirectoryException.Kind.INVALID);
        await().until(() -> heard.events.equals(List.of("gone 1")));
        raw.delete("/pagewire/owners/1");
        OwnerRecord claim = get(a.claim(region, false));
        assertThat(get(a.owners(List.of(1, 2)))).isEqualTo(Map.of(1, claim));
        await().until(() -> heard.events.contains("owner a " + claim.epoch()));
    }

    @Test
    void shouldRefuseToAllotFromASpaceThatIsNotValid() throws Exception {
        String good = raw.get("/pagewire/space");
        for (String bad : List.of(
                "",
                good + "extra=1\n",
                good.replace("next-id=1", "next-id=0"),
                good.replaceFirst("next-base=[0-9a-f]+", "next-base=0000000000400000"),
                good.replaceFirst("next-base=[0-9a-f]+", "next-base=0000660000001000"),
                good.replace("pagewire-space 1", "pagewire-space 2"))) {
            assertThat(bad).isNotEqualTo(good);
            raw.set("/pagewire/space", bad);
            assertThat(failureOf(a.create(spec("x"))))
                    .hasMessageContaining("node /pagewire/space of the directory is not valid")
                    .extracting(DirectoryException::kind)
                    .isEqualTo(DirectoryException.Kind.INVALID);
        }
        raw.set("/pagewire/space", good);
        assertThat(get(a.create(spec("x"))).id()).isEqualTo(1);
    }

    @Test
    void shouldRefuseAZooKeeperThatBelongsToSomethingElse() throws Exception {
        raw.set("/pagewire", "a wire of pages");
        assertThatExceptionOfType(DirectoryException.class)
                .isThrownBy(() -> hosts.joined("b", a.connectString()))
                .withMessageContaining("node /pagewire of the directory is not valid")
                .withMessageContaining("used for something else?");
    }

    @Test
    void shouldRefuseAHostNameBlockedByANodeThatIsNotAHost() throws Exception {
        raw.create("/pagewire/hosts/b", "garbage");
        assertThatExceptionOfType(DirectoryException.class)
                .isThrownBy(() -> hosts.joined("b", a.connectString(), 1, new Log()))
                .withMessageContaining("/pagewire/hosts/b")
                .extracting(DirectoryException::kind)
                .isEqualTo(DirectoryException.Kind.HOST_TAKEN);
    }

    @Test
    void shouldDecodeExactlyWhatItEncodesAndNothingDamaged() throws Exception {
        RegionRecord region = new RegionRecord(
                "a/\u00fc",
                7,
                0x6600_0020_0000L,
                8192,
                5000,
                4096,
                Kind.EXPORTED,
                "host-1",
                "/x %\n/\u00e9",
                -1,
                true,
                true);
        byte[] data = Nodes.encode(region);
        assertThat(Nodes.decodeRegion(data)).isEqualTo(region);
        OwnerRecord owner = new OwnerRecord(7, "h", "::1", 65535, -5, 99, true);
        assertThat(Nodes.decodeOwner(Nodes.encode(owner), 7, 99)).isEqualTo(owner);
        HostRecord host = new HostRecord("h", "10.0.0.1", 1, 5, -9);
        assertThat(Nodes.decodeHost(Nodes.encode(host))).isEqualTo(host);
        Random random = new Random(4711);
        int accepted = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = data.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            try {
                // A changed digit can be another valid record; everything else must be refused, with a reason.
                RegionRecord found = Nodes.decodeRegion(damaged);
                assertThat(found.span()).isEqualTo(Nodes.roundUp(found.size(), found.pageSize()));
                accepted++;
            } catch (BadNode e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(accepted).isLessThan(15_000);
        for (int length = 0; length < data.length; length++) {
            byte[] torn = java.util.Arrays.copyOf(data, length);
            assertThatExceptionOfType(BadNode.class).isThrownBy(() -> Nodes.decodeRegion(torn));
        }
        assertThatExceptionOfType(BadNode.class).isThrownBy(() -> Nodes.decodeRegion(new byte[1 << 20]));
        assertThatExceptionOfType(BadNode.class).isThrownBy(() -> Nodes.decodeRegion(null));
    }
}
