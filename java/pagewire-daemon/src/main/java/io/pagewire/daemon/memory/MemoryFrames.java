package io.pagewire.daemon.memory;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frames of one region: a memfd as long as the region, in which page <i>i</i> has the frame at its own place. The daemon
 * never maps it (ARCHITECTURE: Memory). A frame that was never written, or was discarded, takes no memory and reads as zeros.
 *
 * <p>Belongs to the region's event loop; {@link #load} and {@link #store} may be called by any thread, also while the frames
 * are closed.
 */
public final class MemoryFrames implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryFrames.class);
    private static final int KERNEL_PAGE = 4096;
    private static final int SHORT = 32 * KERNEL_PAGE;
    private static final int MOST_NAME = 200;

    private final int descriptor;
    private final int readOnly;
    private final FileChannel channel;

    private MemoryFrames(int descriptor, int readOnly, FileChannel channel) {
        this.descriptor = descriptor;
        this.readOnly = readOnly;
        this.channel = channel;
    }

    /** @param span bytes of the region */
    public static MemoryFrames create(String name, long span) throws IOException {
        int descriptor = Sys.memfd(name.length() > MOST_NAME ? name.substring(0, MOST_NAME) : name, span);
        int readOnly = -1;
        try {
            readOnly = Sys.reopenReadOnly(descriptor);
            return new MemoryFrames(descriptor, readOnly, Sys.channel(descriptor, true));
        } catch (IOException e) {
            close(descriptor);
            if (readOnly >= 0) {
                close(readOnly);
            }
            throw e;
        }
    }

    /** What programs map that may write. */
    public int descriptor() {
        return descriptor;
    }

    /** What programs map that only read. */
    public int readOnlyDescriptor() {
        return readOnly;
    }

    /**
     * Makes memory for a frame that is about to be written, so that it is there when somebody waits for the rest. Without memory
     * it is {@link #write} that fails.
     */
    public void reserve(long offset, int length) {
        Sys.allocate(descriptor, offset, length);
    }

    /** Appends bytes of pages that no process can change at this moment to a message that has room for them. */
    public void read(ByteBuf to, long offset, int length) throws IOException {
        load(to.internalNioBuffer(to.writerIndex(), length), offset);
        to.writerIndex(to.writerIndex() + length);
    }

    /** Writes bytes of pages that no process can see at this moment; false when there is no memory for them. */
    public boolean write(ByteBuf from, int at, int length, long offset) {
        try {
            store(from.internalNioBuffer(at, length), offset);
            return true;
        } catch (IOException e) {
            LOG.error("frames at {} cannot be written", offset, e);
            return false;
        }
    }

    /** Fills the rest of the buffer from the frames. */
    public void load(ByteBuffer to, long offset) throws IOException {
        long from = offset;
        while (to.hasRemaining()) {
            int read = channel.read(to, from);
            if (read <= 0) {
                throw new IOException("frames end at " + from);
            }
            from += read;
        }
    }

    /** Writes the rest of the buffer into the frames. */
    public void store(ByteBuffer from, long offset) throws IOException {
        long to = offset;
        while (from.hasRemaining()) {
            to += channel.write(from, to);
        }
    }

    /**
     * Gives the memory of frames back that no process may touch any more. One page of the kernel's at a time: punching a
     * longer hole while a program touches it can take guard markers away (ARCHITECTURE: Memory). Of a long range only what
     * takes memory is visited.
     */
    public void discard(long offset, long length) {
        try {
            long end = offset + length;
            boolean sparse = length > SHORT;
            long at = sparse ? Sys.nextData(descriptor, offset) : offset;
            while (at >= 0 && at < end) {
                long stop = sparse ? Math.min(end, Sys.nextHole(descriptor, at)) : end;
                for (; at < stop; at += KERNEL_PAGE) {
                    Sys.punch(descriptor, at, KERNEL_PAGE);
                }
                at = sparse ? Sys.nextData(descriptor, at) : end;
            }
        } catch (IOException e) {
            LOG.warn("frames cannot be given back: {}", Reasons.of(e));
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("closing frames: {}", Reasons.of(e));
        }
        close(descriptor);
        close(readOnly);
    }

    private static void close(int descriptor) {
        try {
            Sys.close(descriptor);
        } catch (IOException e) {
            LOG.warn("closing a descriptor: {}", Reasons.of(e));
        }
    }
}
