package io.pagewire.daemon;

import io.pagewire.daemon.sys.PrivateDirectory;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes sure that the daemon's socket can stand where it is wanted: its directory exists, the path fits into a socket
 * address, and no other daemon answers there.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class SocketPath {
    /** Longest path in a Unix socket address, without its final zero. */
    private static final int MAX_LENGTH = 107;

    private SocketPath() {}

    static void prepare(Path socket) throws IOException {
        if (socket.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length > MAX_LENGTH) {
            throw new IOException("the socket path " + socket + " is longer than " + MAX_LENGTH
                    + " bytes, which is all a Unix socket can have; choose a shorter one with --socket");
        }
        Path parent = socket.toAbsolutePath().getParent();
        if (!Files.isDirectory(parent)) {
            PrivateDirectory.ensure(parent);
        }
        if (Files.exists(socket) && answers(socket)) {
            throw new IOException(
                    "another dsmd answers at the socket " + socket + "; stop it, or choose another one with --socket");
        }
    }

    private static boolean answers(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false; // nobody listens: the file was left by a daemon that was killed
        }
    }
}
