package io.pagewire.daemon.directory;

import static io.pagewire.daemon.directory.Hosts.get;
import static io.pagewire.daemon.directory.Hosts.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories of an earlier version, where all regions were children of one node. */
class OldLayoutTest {
    private static final long INCARNATION = 0x5157;

    @TempDir
    Path temp;

    private Hosts hosts;
    private EmbeddedServer server;
    private RawZooKeeper raw;

    @BeforeEach
    void open() throws Exception {
        hosts = new Hosts(temp);
        server = EmbeddedServer.start("127.0.0.1", 0, temp.resolve("server"));
        raw = new RawZooKeeper(server.connectString());
    }

    @AfterEach
    void close() {
        hosts.close();
        raw.close();
        server.close();
    }

    @Test
    void shouldBeCarriedOverByAllHostsThatStartTogether() throws Exception {
        List<RegionRecord> old = oldLayout(1600); // more than can be listed
        CompletableFuture<Directory> a = start("a");
        CompletableFuture<Directory> b = start("b");
        for (Directory directory : List.of(a.get(), b.get())) {
            assertThat(Hosts.all(directory)).isEqualTo(old);
            assertThat(directory.incarnation()).isEqualTo(INCARNATION);
        }
        assertThat(get(b.get().own(1))).isEmpty();
        assertThat(get(a.get().own(1001))).isEqualTo(old.subList(1000, 1600));
        assertThat(raw.exists(Nodes.OLD_REGIONS)).isFalse();
        assertThat(raw.exists(OldLayout.MARK)).isFalse();
        assertThat(get(b.get().create(spec("new"))).id()).isEqualTo(1601);
        get(a.get().delete(old.get(0)));
    }

    @Test
    void shouldBeCarriedOverToItsEndAfterAStopHalfWay() throws Exception {
        List<RegionRecord> old = oldLayout(20);
        raw.set(Nodes.ROOT, new String(Nodes.encodeRoot(INCARNATION), StandardCharsets.UTF_8));
        raw.create(OldLayout.MARK, "");
        raw.create(Nodes.NAMES, "");
        raw.create(Nodes.OWNED, "");
        raw.create(Nodes.ownedBy("a"), "");
        raw.create(Nodes.ownedRange("a", 0), "");
        for (RegionRecord moved : old.subList(5, 10)) {
            raw.create(Nodes.bucket(Nodes.bucketOf(moved.name())), "");
            raw.create(Nodes.region(moved.name()), Nodes.encode(moved));
            raw.create(Nodes.owned("a", moved.id()), "");
            raw.delete(Nodes.oldRegion(moved.name()));
        }
        assertThat(Hosts.all(hosts.joined("b", server.connectString()))).isEqualTo(old);
        assertThat(raw.exists(OldLayout.MARK)).isFalse();
    }

    @Test
    void shouldLeaveBehindWhatIsNoRegion() throws Exception {
        List<RegionRecord> old = oldLayout(3);
        raw.create(Nodes.OLD_REGIONS + "/bad", "garbage");
        raw.set(Nodes.oldRegion(old.get(1).name()), "garbage");
        assertThat(Hosts.all(hosts.joined("b", server.connectString()))).containsExactly(old.get(0), old.get(2));
        assertThat(raw.children(Nodes.OLD_REGIONS)).hasSize(2);
        assertThat(raw.exists(OldLayout.MARK)).isFalse();
    }

    @Test
    void shouldBeLeftAloneWhileAHostOfTheEarlierVersionWorksWithIt() throws Exception {
        List<RegionRecord> old = oldLayout(3);
        raw.createEphemeral(Nodes.host("elder"));
        assertThatExceptionOfType(DirectoryException.class)
                .isThrownBy(() -> hosts.joined("b", server.connectString()))
                .withMessageContaining("an earlier version of dsmd")
                .withMessageContaining("still work with it: elder; stop dsmd there");
        assertThat(raw.exists(Nodes.oldRegion(old.get(0).name()))).isTrue();
        raw.delete(Nodes.host("elder"));
        assertThat(Hosts.all(hosts.joined("b", server.connectString()))).isEqualTo(old);
    }

    @Test
    void shouldNotWaitForItsOwnEarlierRun() throws Exception {
        oldLayout(1);
        raw.createEphemeral(Nodes.host("b"));
        raw.set(
                Nodes.host("b"),
                new String(
                        Nodes.encode(new HostRecord("b", "127.0.0.1", 1, 1, Hosts.identityOf("b"))),
                        StandardCharsets.UTF_8));
        assertThat(Hosts.all(hosts.joined("b", server.connectString()))).hasSize(1);
    }

    private CompletableFuture<Directory> start(String host) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return hosts.joined(host, server.connectString());
            } catch (DirectoryException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Regions of host a, by name. */
    private List<RegionRecord> oldLayout(int count) throws Exception {
        long base = AddressSpace.START;
        raw.create(Nodes.ROOT, "pagewire-directory 1\nincarnation=0000000000005157\n");
        raw.create(Nodes.SPACE, Nodes.encode(new AddressSpace(count + 1, base + count * (4L << 20))));
        for (String node : List.of(Nodes.OLD_REGIONS, Nodes.IDS, Nodes.OWNERS, Nodes.HOSTS)) {
            raw.create(node, "");
        }
        List<RegionRecord> regions = new ArrayList<>();
        Map<String, byte[]> nodes = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            RegionRecord region = new RegionRecord(
                    ManyRegionsTest.kana(i),
                    i + 1,
                    base + i * (4L << 20),
                    4096,
                    4096,
                    4096,
                    Kind.CREATED,
                    "a",
                    null,
                    7,
                    false,
                    false);
            nodes.put(Nodes.oldRegion(region.name()), Nodes.encode(region));
            nodes.put(Nodes.id(region.id()), Nodes.encodeId(region.name()));
            regions.add(region);
        }
        raw.create(nodes);
        return regions;
    }
}
