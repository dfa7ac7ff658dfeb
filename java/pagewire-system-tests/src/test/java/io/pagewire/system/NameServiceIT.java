package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A machine that nobody knows by name: nothing that starts asks its name server, which may never answer. */
@ExtendWith(LogsOnFailure.class)
class NameServiceIT {
    /** A network of its own, so that what is sent can be counted, and a name server in it. */
    private static final String LONE_MACHINE = """
            ip link set lo up
            echo nowhere-at-all > /proc/sys/kernel/hostname
            echo 'nameserver 127.0.0.2' > %1$s/resolv.conf
            mount --bind %1$s/resolv.conf /etc/resolv.conf
            exec "$@"
            """;

    @TempDir
    Path folder;

    @Test
    void shouldStartWithoutAskingForTheNameOfThisMachine() throws Exception {
        List<String> network = List.of("unshare", "-n", "-u", "-m", "sh", "-ec", LONE_MACHINE.formatted(folder), "-");
        assumeTrue(MissingCallsIT.works(network), "no network namespace can be made here");
        try (Cluster cluster = new Cluster(folder)) {
            Host lone = cluster.prepare("lone");
            lone.under(network);
            lone.start();

            assertThat(datagramsSent(lone.pid())).isZero();
        }
    }

    private static long datagramsSent(long pid) throws IOException {
        List<String> udp = Files.readAllLines(Path.of("/proc/" + pid + "/net/snmp")).stream()
                .filter(line -> line.startsWith("Udp:"))
                .toList();
        int column = List.of(udp.get(0).split(" ")).indexOf("OutDatagrams");
        return Long.parseLong(udp.get(1).split(" ")[column]);
    }
}
