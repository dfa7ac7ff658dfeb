package io.pagewire.daemon.directory;

import static io.pagewire.daemon.directory.Hosts.failureOf;
import static io.pagewire.daemon.directory.Hosts.get;
import static io.pagewire.daemon.directory.Hosts.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More regions than ZooKeeper tells of in one packet. */
class ManyRegionsTest {
    /** 80 kana are 720 bytes of a node's name; so many do not fit into 1 MiB. */
    private static final int MANY = 1500;

    @TempDir
    Path temp;

    private Hosts hosts;
    private Directory a;

    @BeforeEach
    void open() throws DirectoryException {
        hosts = new Hosts(temp, 20_000);
        a = hosts.embedded("a");
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    @Test
    void shouldListNamesBeyondTheLongestPacketAndStartWithThem() throws Exception {
        List<RegionRecord> made = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            made.add(get(a.create(spec(kana(i)))));
        }
        assertThat(Hosts.all(a)).isEqualTo(made);
        hosts.close();
        hosts = new Hosts(temp, 20_000);
        a = hosts.embedded("a");
        Directory b = hosts.joined("b", a.connectString());
        assertThat(Hosts.all(b)).isEqualTo(made);
        assertThat(own(a)).isEqualTo(made);
        assertThat(own(b)).isEmpty();
        assertThat(get(b.lookup(kana(MANY - 1)))).isEqualTo(made.get(MANY - 1));
        get(a.claim(made.get(0), true));
        for (RegionRecord region : List.of(made.get(0), made.get(700))) {
            get(a.delete(region));
            made.remove(region);
        }
        assertThat(Hosts.all(b)).isEqualTo(made);
        assertThat(own(a)).isEqualTo(made);
        assertThat(own(a, 1200)).first().isEqualTo(made.get(1200 - 3));
    }

    @Test
    void shouldListPageByPageWhateverComesAndGoesMeanwhile() throws Exception {
        for (String name : List.of("b", "d", "f", "h")) {
            get(a.create(spec(name)));
        }
        RegionPage first = get(a.list("", 2));
        assertThat(first.regions()).extracting(RegionRecord::name).containsExactly("b", "d");
        assertThat(first.next()).isEqualTo("d");
        get(a.delete(get(a.lookup("d"))));
        get(a.delete(get(a.lookup("f"))));
        RegionPage second = get(a.list("d", 1));
        assertThat(second.regions()).isEmpty();
        assertThat(second.next()).isEqualTo("f");
        RegionPage last = get(a.list("f", 2));
        assertThat(last.regions()).extracting(RegionRecord::name).containsExactly("h");
        assertThat(last.next()).isNull();
        get(a.create(spec("g"))); // a list that begins anew sees it
        assertThat(get(a.list("f", 1)).regions()).extracting(RegionRecord::name).containsExactly("g");
        assertThat(get(a.list("zzz", 1)).regions()).isEmpty();
    }

    @Test
    void shouldListNothingThatStandsInTheWrongPlace() throws Exception {
        RegionRecord x = get(a.create(spec("x")));
        try (RawZooKeeper raw = new RawZooKeeper(a.connectString())) {
            String bucket = Nodes.bucket((Nodes.bucketOf("x") + 1) % Nodes.BUCKETS);
            raw.create(bucket, "");
            raw.create(bucket + "/x", raw.get(Nodes.region("x")));
            raw.create(Nodes.ownedBy("a") + "/none", "");
            raw.create(Nodes.ownedRange("a", 0) + "/77", "");
            assertThat(Hosts.all(a)).containsExactly(x);
            assertThat(own(a)).containsExactly(x);
            raw.delete(Nodes.owned("a", x.id()));
            get(a.delete(x));
            assertThat(raw.exists(Nodes.id(x.id()))).isFalse();
        }
    }

    @Test
    void shouldListBesideNodesThatDoNotFitIntoOnePacketTogether() throws Exception {
        RegionRecord x = get(a.create(spec("x")));
        try (RawZooKeeper raw = new RawZooKeeper(a.connectString())) {
            for (String name : List.of("huge1", "huge2")) {
                raw.create(Nodes.bucket(Nodes.bucketOf(name)), "");
                raw.create(Nodes.region(name), new byte[900_000]);
            }
        }
        assertThat(Hosts.all(a)).containsExactly(x);
    }

    @Test
    void shouldMakeAFolderAgainThatSomebodyHasRemoved() throws Exception {
        get(a.delete(get(a.create(spec("x")))));
        try (RawZooKeeper raw = new RawZooKeeper(a.connectString())) {
            raw.delete(Nodes.bucket(Nodes.bucketOf("x")));
        }
        assertThat(get(a.create(spec("x")))).isEqualTo(get(a.lookup("x")));
    }

    @Test
    void shouldReadTheEndOfASessionWithMoreClaimsThanFitIntoAPacket() throws Exception {
        // The text of so many paths is beyond the 2 MiB that a server reads by default.
        int paths = 200;
        try (RawZooKeeper raw = new RawZooKeeper(a.connectString())) {
            String folder = "/" + "x".repeat(12_000);
            raw.create(folder, "");
            for (int i = 0; i < paths; i++) {
                raw.createEphemeral(folder + "/" + i);
            }
        }
        hosts.close();
        hosts = new Hosts(temp, 20_000);
        a = hosts.embedded("a");
        assertThat(get(a.create(spec("x"))).id()).isEqualTo(1);
    }

    @Test
    void shouldRefuseMoreClaimsThanAnotherZooKeeperIsSafeWith() throws Exception {
        EmbeddedServer server = EmbeddedServer.start("127.0.0.1", 0, temp.resolve("server"));
        try (Directory b = hosts.joined("b", server.connectString())) {
            RegionRecord x = get(b.create(spec("x")));
            RegionRecord y = get(b.create(spec("y")));
            ((ZooDirectory) b).claimAtMost(1);
            get(b.claim(x, false));
            get(b.claim(x, false));
            assertThat(failureOf(b.claim(y, false))).hasMessageContaining("host \"b\" has 1 regions");
            get(b.delete(x));
            get(b.claim(y, false));
        } finally {
            server.close();
        }
    }

    @Test
    void shouldNotFitIntoOnePacketInOneNode() throws Exception {
        try (RawZooKeeper raw = new RawZooKeeper(a.connectString())) {
            raw.create("/flat", "");
            Map<String, byte[]> nodes = new HashMap<>();
            for (int i = 0; i < MANY; i++) {
                nodes.put("/flat/" + Names.toNode(kana(i)), new byte[0]);
            }
            raw.create(nodes);
            assertThatExceptionOfType(KeeperException.ConnectionLossException.class)
                    .isThrownBy(() -> raw.children("/flat"));
        }
    }

    private static List<RegionRecord> own(Directory directory) throws DirectoryException {
        return own(directory, 1);
    }

    private static List<RegionRecord> own(Directory directory, int fromId) throws DirectoryException {
        List<RegionRecord> own = new ArrayList<>();
        List<RegionRecord> some = get(directory.own(fromId));
        while (!some.isEmpty()) {
            own.addAll(some);
            some = get(directory.own(some.get(some.size() - 1).id() + 1));
        }
        return own;
    }

    /** 80 kana, in order. */
    static String kana(int i) {
        StringBuilder name = new StringBuilder("\u3042".repeat(75));
        for (char digit : String.format("%05d", i).toCharArray()) {
            name.append((char) ('\u30a2' + 2 * (digit - '0')));
        }
        return name.toString();
    }
}
