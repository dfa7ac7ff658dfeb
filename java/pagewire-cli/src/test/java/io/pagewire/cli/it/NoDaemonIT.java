package io.pagewire.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where no daemon answers, or something else does. Thread rule: one thread a test, and one that answers. */
class NoDaemonIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "regions",
                "circuits",
                "status",
                "pages x",
                "pages x --map --watch",
                "cat x",
                "put x",
                "map x --for 1s",
                "force x",
                "delete x",
                "streams",
                "stream x --in -",
                "stream x --out -",
                "create x --size 4K"
            })
    void shouldNameTheSocketWhereNobodyListens(String command) {
        Path socket = folder.resolve("none.sock");
        Run run = Run.dsmctl(socket, command.split(" "));
        DsmctlIT.fails(run, socket.toString());
    }

    @Test
    void shouldFailAndNotHangWhenNobodyAnswers() throws IOException {
        try (Impostor impostor = new Impostor(folder.resolve("silent.sock"), new byte[0])) {
            Run run = Run.dsmctl(impostor.socket(), "status");
            assertThat(run.status()).as(run.err()).isEqualTo(1);
            assertThat(run.err().lines().toList()).hasSize(1);
        }
    }

    @Test
    void shouldRefuseGarbage() throws IOException {
        byte[] garbage = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
                .repeat(10)
                .getBytes();
        try (Impostor impostor = new Impostor(folder.resolve("garbage.sock"), garbage)) {
            Run run = Run.dsmctl(impostor.socket(), "regions");
            assertThat(run.status()).as(run.err()).isEqualTo(1);
            assertThat(run.err().lines().toList()).hasSize(1);
            Run doctor = Run.dsmctl(impostor.socket(), "doctor");
            assertThat(doctor.status()).isEqualTo(1);
            assertThat(doctor.out()).containsPattern("problem +dsmd");
        }
    }

    /** Something that is no daemon: accepts, sends its bytes, and keeps the connection. */
    private static final class Impostor implements AutoCloseable {
        private final Path socket;
        private final ServerSocketChannel server;
        private final List<SocketChannel> accepted = new ArrayList<>();
        private final Thread thread;

        Impostor(Path socket, byte[] answer) throws IOException {
            this.socket = socket;
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(socket));
            thread = new Thread(() -> serve(answer), "impostor");
            thread.start();
        }

        Path socket() {
            return socket;
        }

        private void serve(byte[] answer) {
            try {
                while (true) {
                    SocketChannel channel = server.accept();
                    accepted.add(channel);
                    ByteBuffer bytes = ByteBuffer.wrap(answer);
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                }
            } catch (ClosedChannelException e) {
                // the test is over
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            for (SocketChannel channel : accepted) {
                channel.close();
            }
        }
    }
}
