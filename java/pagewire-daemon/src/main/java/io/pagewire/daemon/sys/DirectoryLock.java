package io.pagewire.daemon.sys;

import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lock of a directory ({@code flock}), for a moment: among processes that ask for it, one at a time changes what stands there.
 * It leaves no file behind, and is gone with its process. A file system without locks is not locked.
 *
 * <p>For use by one thread.
 */
public final class DirectoryLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryLock.class);

    /** Who holds it needs milliseconds; one that was stopped meanwhile is not waited for any longer. */
    private static final int PATIENCE_MS = 10_000;

    private static final int LOOK_MS = 10;

    private final int descriptor;

    private DirectoryLock(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Blocks until it is free; {@link NoSuchFileException}: there is no such directory. */
    public static DirectoryLock take(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new NoSuchFileException(directory.toString());
        }
        int descriptor = Sys.openFile(directory.toString(), false);
        try {
            for (int waited = 0; !Sys.lockFile(descriptor); waited += LOOK_MS) {
                if (waited >= PATIENCE_MS) {
                    throw new IOException("another process has held the lock of " + directory + " for " + PATIENCE_MS
                            + " ms; is a dsmd that starts there stopped?");
                }
                Thread.sleep(LOOK_MS);
            }
            return new DirectoryLock(descriptor);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Sys.close(descriptor);
            throw new IOException("interrupted while waiting for the lock of " + directory, e);
        } catch (IOException e) {
            Sys.close(descriptor);
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            Sys.close(descriptor);
        } catch (IOException e) {
            LOG.warn("the lock of a directory: {}", Reasons.of(e));
        }
    }
}
