package io.pagewire.daemon.directory;

import static io.pagewire.daemon.directory.Hosts.get;
import static io.pagewire.daemon.directory.Hosts.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pagewire.daemon.directory.Hosts.Log;
import io.pagewire.daemon.directory.Hosts.Owners;
import io.pagewire.daemon.sys.Sys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same directory on three ZooKeeper servers, two of which suffice. */
class EnsembleTest {
    private static final int TICK_MS = 500;
    private static final int SESSION_MS = 8000;

    @TempDir
    Path temp;

    private final List<ZooKeeperServerEmbedded> servers = new ArrayList<>();
    private final List<Directory> directories = new ArrayList<>();
    private String addresses;

    @BeforeEach
    void start() throws Exception {
        System.setProperty("zookeeper.admin.enableServer", "false");
        List<Integer> ports = freePorts(9);
        for (int i = 0; i < 3; i++) {
            servers.add(server(i, ports));
        }
        List<CompletableFuture<Void>> starting = new ArrayList<>();
        for (ZooKeeperServerEmbedded server : servers) {
            starting.add(CompletableFuture.runAsync(() -> {
                try {
                    server.start(20_000);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (CompletableFuture<Void> start : starting) {
            start.get();
        }
        addresses = ports.subList(0, 3).stream().map(p -> "127.0.0.1:" + p).collect(Collectors.joining(","));
    }

    @AfterEach
    void stop() {
        directories.forEach(Directory::close);
        servers.forEach(ZooKeeperServerEmbedded::close);
    }

    @Test
    void shouldGoOnWithTwoOfThreeServersAndEndTheLeaseWithOne() throws Exception {
        Log log = new Log();
        Directory a = open("a", 1, log);
        Directory b = open("b", 2, new Log());
        assertThat(a.incarnation()).isEqualTo(b.incarnation());
        RegionRecord region = get(a.create(spec("x")));
        OwnerRecord claim = get(a.claim(region, false));
        assertThat(get(b.lookup("x"))).isEqualTo(region);
        assertThat(get(b.owner(region.id()))).isEqualTo(claim);
        Owners heard = new Owners();
        b.watch(region.id(), heard);
        await().until(() -> heard.events.equals(List.of("owner a " + claim.epoch())));
        await().until(() -> log.leaseEndNs > Sys.bootTimeNs());

        servers.remove(2).close();
        long withThree = log.leaseEndNs;
        await().until(() -> log.leaseEndNs > withThree + 5_000_000_000L);
        await().until(() -> created(b, "y") != null);
        assertThat(get(a.owner(region.id())).host()).isEqualTo("a");

        servers.remove(1).close();
        await().until(() -> log.leaseEndNs < Sys.bootTimeNs());
        assertThat(Hosts.failureOf(a.create(spec("z"))).kind())
                .isIn(DirectoryException.Kind.UNREACHABLE, DirectoryException.Kind.TIMEOUT);
        assertThat(log.leaseEndNs).isLessThan(Sys.bootTimeNs());
    }

    private static RegionRecord created(Directory directory, String name) {
        try {
            return get(directory.create(spec(name)));
        } catch (DirectoryException e) {
            return null; // while the servers elect a leader
        }
    }

    private Directory open(String name, long identity, Log log) throws DirectoryException {
        DirectorySettings settings = new DirectorySettings(false, addresses, null, 0, temp, identity, SESSION_MS, 5000);
        Directory directory = Directories.open(settings, name, "127.0.0.1", 7001, identity, log);
        directories.add(directory);
        return directory;
    }

    private ZooKeeperServerEmbedded server(int i, List<Integer> ports) throws Exception {
        Path directory = Files.createDirectories(temp.resolve("server-" + i));
        Properties settings = new Properties();
        settings.setProperty("dataDir", directory.toString());
        settings.setProperty("clientPort", String.valueOf(ports.get(i)));
        settings.setProperty("clientPortAddress", "127.0.0.1");
        settings.setProperty("tickTime", String.valueOf(TICK_MS));
        settings.setProperty("initLimit", "20");
        settings.setProperty("syncLimit", "5");
        settings.setProperty("admin.enableServer", "false");
        for (int k = 0; k < 3; k++) {
            settings.setProperty("server." + (k + 1), "127.0.0.1:" + ports.get(3 + k) + ":" + ports.get(6 + k));
        }
        Files.writeString(directory.resolve("myid"), String.valueOf(i + 1));
        return ZooKeeperServerEmbedded.builder()
                .baseDir(directory)
                .configuration(settings)
                .exitHandler(ExitHandler.LOG_ONLY)
                .build();
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        List<Integer> ports = new ArrayList<>();
        for (ServerSocket socket : sockets) {
            ports.add(socket.getLocalPort());
            socket.close();
        }
        return ports;
    }
}
