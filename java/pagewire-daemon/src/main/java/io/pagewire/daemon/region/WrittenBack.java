package io.pagewire.daemon.region;

import io.pagewire.daemon.sys.Sys;
import java.io.IOException;

/**
 * Looks on while a file is forced to its disk: the kernel does that in one call, which says nothing before it is done. Goes through
 * the file from its beginning and waits for each piece to have been written. Opens the file for itself, so that an error of the
 * disk, which the kernel tells everybody who has the file open once, is left to the force.
 *
 * <p>Made by the thread that closes the file, then used by one other.
 */
final class WrittenBack implements AutoCloseable {
    private static final long PIECE = 8 << 20;

    private final int descriptor;
    private final long size;
    private long at;

    WrittenBack(int file, long size) throws IOException {
        this.descriptor = Sys.reopenReadOnly(file);
        this.size = size;
    }

    /** Waits for the next piece; false = there is none, or the file system does not tell. Blocks. */
    boolean next() {
        if (at >= size || !Sys.writeBack(descriptor, at, Math.min(PIECE, size - at))) {
            return false;
        }
        at += PIECE;
        return true;
    }

    @Override
    public void close() {
        Descriptors.close(descriptor);
    }
}
