package io.pagewire.daemon.sys;

import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The directory a daemon keeps its files in, locked for as long as the daemon lives. The lock goes with the process, however
 * it ends; so whoever holds it knows that every earlier daemon of this directory is dead. The file {@code lock} also holds
 * the directory's identity, a random number made once.
 *
 * <p>Safe for use by any thread.
 */
public final class DataDirectory implements AutoCloseable {
    /**
     * The lock files this process holds. Closing any descriptor of a file gives up all its POSIX locks of the process, so a
     * second attempt must be turned down before it opens the file.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Path file;
    private final FileChannel channel;
    private final long identity;

    private DataDirectory(Path path, Path file, FileChannel channel, long identity) {
        this.path = path;
        this.file = file;
        this.channel = channel;
        this.identity = identity;
    }

    /** Makes the directory (mode 0700) if there is none, and locks it. Fails at once when a live daemon holds it. */
    public static DataDirectory lock(Path path) throws IOException {
        try {
            return take(path);
        } catch (FileSystemException e) {
            throw new IOException(
                    "the data directory " + path + " cannot be used: " + Reasons.of(e, path)
                            + "; choose another one with --data",
                    e);
        }
    }

    private static DataDirectory take(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            PrivateDirectory.ensure(path);
        }
        Path file = path.toRealPath().resolve("lock");
        if (!HELD.add(file)) {
            throw inUse(path);
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                throw inUse(path);
            }
            return new DataDirectory(path, file, channel, identity(path, channel));
        } catch (IOException e) {
            if (channel != null) {
                channel.close();
            }
            HELD.remove(file);
            throw e;
        }
    }

    public Path path() {
        return path;
    }

    /** Random, made once per directory; never 0. */
    public long identity() {
        return identity;
    }

    /** Gives up the lock; the files stay. */
    @Override
    public synchronized void close() throws IOException {
        if (channel.isOpen()) {
            channel.close();
            HELD.remove(file);
        }
    }

    private static IOException inUse(Path path) {
        return new IOException("data directory " + path + " is in use by another dsmd of this machine"
                + " (choose another --name or --data, or stop that one)");
    }

    private static long identity(Path path, FileChannel channel) throws IOException {
        try {
            return identity(channel);
        } catch (IOException e) { // of the system: it does not say where
            throw new FileSystemException(path.toString(), null, Reasons.why(e));
        }
    }

    private static long identity(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(17);
        while (text.hasRemaining() && channel.read(text, text.position()) > 0) {
            // read on to the end
        }
        if (text.position() >= 16) {
            String hex = new String(text.array(), 0, 16, StandardCharsets.US_ASCII);
            try {
                long identity = Long.parseUnsignedLong(hex, 16);
                if (identity != 0) {
                    return identity;
                }
            } catch (NumberFormatException e) {
                // Not ours or torn: made anew below. The worst that follows is a wait for the old registration to
                // expire.
            }
        }
        long identity;
        do {
            identity = new SecureRandom().nextLong();
        } while (identity == 0);
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(String.format("%016x%n", identity).getBytes(StandardCharsets.US_ASCII)), 0);
        channel.force(true);
        return identity;
    }
}
