package io.pagewire.daemon.local;

import io.pagewire.daemon.sys.DirectoryLock;
import io.pagewire.daemon.sys.PrivateDirectory;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The place of the daemon's socket. Of two daemons that want it, one gets it, and neither takes away what is the other's: whoever
 * looks, binds or removes does so under a lock on the directory.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class SocketPath {
    /** Longest path in a Unix socket address, without its final zero. */
    private static final int MAX_LENGTH = 107;

    private final Path path;

    /** Which file is ours. */
    private final Object key;

    private SocketPath(Path path, Object key) {
        this.path = path;
        this.key = key;
    }

    /** Makes something listen there. */
    interface Binding {
        void bind() throws IOException;
    }

    /**
     * Makes the directory, and finds out early what {@link #take} would find out late.
     *
     * @throws IOException the path does not fit into a socket address, or another daemon answers there
     */
    public static void prepare(Path socket) throws IOException {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_LENGTH) {
            throw new IOException("the socket path " + socket + " is longer than " + MAX_LENGTH
                    + " bytes, which is all a Unix socket can have; choose a shorter one with --socket");
        }
        Path parent = directory(socket);
        try {
            if (!Files.isDirectory(parent)) {
                PrivateDirectory.ensure(parent);
            }
            requireFree(socket);
        } catch (FileSystemException e) {
            throw new IOException(
                    "the socket " + socket + " cannot be made: " + Reasons.of(e) + "; choose another one with --socket",
                    e);
        }
    }

    /** Binds where nobody answers; a socket that a killed daemon left is replaced. */
    static SocketPath take(Path socket, Binding binding) throws IOException {
        DirectoryLock lock = DirectoryLock.take(directory(socket));
        try {
            requireFree(socket);
            Files.deleteIfExists(socket);
            binding.bind();
            return new SocketPath(socket, key(socket));
        } finally {
            lock.close();
        }
    }

    /** Removes the socket, unless somebody else's stands there by now. */
    void giveBack() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return; // somebody has removed it, or its directory
        }
        DirectoryLock lock = DirectoryLock.take(directory(path));
        try {
            if (key.equals(key(path))) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            return; // in this moment
        } finally {
            lock.close();
        }
    }

    private static Path directory(Path socket) {
        return socket.toAbsolutePath().getParent();
    }

    private static Object key(Path socket) throws IOException {
        return Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    private static void requireFree(Path socket) throws IOException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException(
                    socket + " is there and is no socket; choose another path with --socket, or remove it");
        }
        if (answers(socket)) {
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
