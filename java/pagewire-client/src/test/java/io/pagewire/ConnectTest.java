package io.pagewire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectTest {
    @TempDir
    Path directory;

    @Test
    void shouldNameTheSocketWhenNoDaemonIsThere() {
        Path socket = directory.resolve("none.sock");
        assertThatThrownBy(() -> Pagewire.connect(socket))
                .isExactlyInstanceOf(DaemonUnreachableException.class)
                .hasMessageContaining(socket.toString());
    }

    @Test
    void shouldNameTheSocketWhenItIsAPlainFile() throws IOException {
        Path file = Files.createFile(directory.resolve("plain"));
        assertThatThrownBy(() -> Pagewire.connect(file))
                .isExactlyInstanceOf(DaemonUnreachableException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void shouldGiveUpAtTheDeadlineWhenTheDaemonIsSilent() throws IOException {
        Path socket = directory.resolve("silent.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            ConnectOptions options =
                    ConnectOptions.defaults().withSocket(socket).withDeadline(Duration.ofMillis(300));
            long start = System.nanoTime();
            assertThatThrownBy(() -> Pagewire.connect(options)).isExactlyInstanceOf(RequestTimeoutException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(250), Duration.ofSeconds(5));
        }
    }

    @Test
    void shouldRefuseJnaInProtectedMode() {
        System.setProperty("jna.protected", "true");
        try {
            assertThatThrownBy(() -> Pagewire.connect(directory.resolve("any")))
                    .isExactlyInstanceOf(PagewireException.class)
                    .hasMessageContaining("jna.protected");
        } finally {
            System.clearProperty("jna.protected");
        }
    }

    @Test
    void shouldLeaveNoCopyOfTheLibraryBehind() throws IOException {
        assertThatThrownBy(() -> Pagewire.connect(directory.resolve("any"))).isInstanceOf(PagewireException.class);
        Path maps = Path.of("/proc/self/maps");
        assertThat(Files.readAllLines(maps))
                .anyMatch(line -> line.contains("libpagewire") && line.endsWith("(deleted)"));
    }
}
