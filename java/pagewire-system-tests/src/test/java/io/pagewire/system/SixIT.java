package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Hosts with IPv6 addresses: they share memory, and wherever an address is told it can be given back as it stands. */
@ExtendWith(LogsOnFailure.class)
class SixIT {
    private static final int PAGE = 4096;
    private static final String SIX = "[::1]:0";

    @TempDir
    Path folder;

    @Test
    void shouldShareMemoryAndPutAddressesInBrackets() throws IOException {
        assumeTrue(hasSix(), "no IPv6 here");
        try (Cluster cluster = new Cluster(folder)) {
            Host a = cluster.host("a", "--listen", SIX, "--directory", "embedded:0");
            assertThat(a.log()).containsPattern("circuits on \\[::1]:\\d+, directory embedded on \\[.*]:\\d+");
            assertThat(a.directory()).startsWith("[");
            Host b = cluster.host("b", "--listen", SIX, "--directory", a.directory());
            Host c = cluster.host("c", "--listen", SIX, "--directory", a.directory());
            App onB = cluster.app(b);
            App onC = cluster.app(c);
            onB.ask("create", "six", PAGE, PAGE);
            onB.ask("map", "six");
            onB.ask("put", "six", 0, 6);
            onC.ask("map", "six");
            assertThat(onC.askLong("get", "six", 0)).isEqualTo(6);

            b.kill();
            onC.ask("close", "six");
            AppFailure failure = catchThrowableOfType(AppFailure.class, () -> onC.ask("map-eager", "six"));
            assertThat(failure).isNotNull();
            assertThat(failure.getMessage()).doesNotContain(" ::1:").doesNotContain(" 0:0:0:0");
        }
    }

    private static boolean hasSix() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
