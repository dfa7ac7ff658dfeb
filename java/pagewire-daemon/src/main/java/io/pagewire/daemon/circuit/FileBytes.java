package io.pagewire.daemon.circuit;

import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/**
 * Bytes of a file on their way into a socket by {@code sendfile}. Does not close the file, which serves many of these.
 *
 * <p>Belongs to one circuit and its event loop.
 */
final class FileBytes extends DefaultFileRegion {
    /** Bytes of one call of the kernel, which goes on for as long as the peer takes them. */
    static final int MOST_AT_ONCE = 1 << 20;

    private final CircuitCounters counters;

    FileBytes(FileChannel file, long offset, long length, CircuitCounters counters) {
        super(file, offset, length);
        this.counters = counters;
        counters.waitingBytes += length;
    }

    @Override
    protected void deallocate() {
        counters.waitingBytes -= count();
    }
}
