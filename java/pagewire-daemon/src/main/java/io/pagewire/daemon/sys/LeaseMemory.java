package io.pagewire.daemon.sys;

import io.pagewire.wire.LeasePage;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The lease page of a daemon, a memfd in the layout of {@link LeasePage}. The daemon writes the end of the lease with one
 * aligned store; applications get a read-only descriptor, map it, and enforce the end by timers of their own, so that a
 * stopped or collecting daemon cannot stretch its lease.
 *
 * <p>The end may be read by any thread and is written by one at a time. After {@link #close()} the mapping itself lives until
 * it is collected, so a late write is harmless.
 */
public final class LeaseMemory implements AutoCloseable {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** How the name of every lease page begins. */
    public static final String NAME = "pagewire-lease:";

    private final MappedByteBuffer page;
    private final int readOnlyFd;
    private boolean closed;

    private LeaseMemory(MappedByteBuffer page, int readOnlyFd) {
        this.page = page;
        this.readOnlyFd = readOnlyFd;
    }

    /** The name of a region's lease page, which {@code /proc/PID/maps} shows for every process that maps the region. */
    public static String name(long directoryIncarnation, int regionId) {
        return NAME + Long.toHexString(directoryIncarnation) + ":" + regionId;
    }

    /**
     * Makes the page for a daemon session; the lease has ended (0) until {@link #end(long)} is called.
     *
     * @param name what {@link #name(long, int)} gives
     */
    public static LeaseMemory create(String name, long session) throws IOException {
        int fd = Sys.memfd(name, LeasePage.LENGTH);
        try {
            MappedByteBuffer page;
            try (FileChannel channel = Sys.channel(fd, true)) {
                page = channel.map(FileChannel.MapMode.READ_WRITE, 0, LeasePage.LENGTH);
            }
            page.order(ByteOrder.nativeOrder());
            page.putInt(LeasePage.VERSION, LeasePage.VERSION_VALUE);
            page.putLong(LeasePage.SESSION, session);
            page.putInt(LeasePage.MAGIC, LeasePage.MAGIC_VALUE);
            return new LeaseMemory(page, Sys.reopenReadOnly(fd));
        } finally {
            Sys.close(fd);
        }
    }

    /** Sets the end of the lease: ns of CLOCK_BOOTTIME, 0 = no rights now, {@link LeasePage#NO_END}. */
    public void end(long bootNs) {
        LONG.setRelease((ByteBuffer) page, LeasePage.END_NS, bootNs);
    }

    public long end() {
        return (long) LONG.getAcquire((ByteBuffer) page, LeasePage.END_NS);
    }

    /** A part of a large page has moved. */
    public void moved() {
        LONG.getAndAdd((ByteBuffer) page, LeasePage.MOVED, 1L);
    }

    /** The descriptor to hand to applications; stays this object's. */
    public int readOnlyFd() {
        return readOnlyFd;
    }

    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            Sys.close(readOnlyFd);
        }
    }
}
