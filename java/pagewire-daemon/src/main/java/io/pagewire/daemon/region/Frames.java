package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.sys.Sys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frames of a client region: a memfd as long as the region, in which page <i>i</i> has the frame at its own place. The
 * daemon never maps it (ARCHITECTURE: Memory); programs map it read-only, unless every host may write to the region.
 *
 * <p>Belongs to the region's event loop.
 */
final class Frames implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Frames.class);

    private final int descriptor;
    private final int readOnly;
    private final FileChannel channel;

    private Frames(int descriptor, int readOnly, FileChannel channel) {
        this.descriptor = descriptor;
        this.readOnly = readOnly;
        this.channel = channel;
    }

    static Frames create(String name, long span) throws IOException {
        int descriptor = Sys.memfd(name.length() > 200 ? name.substring(0, 200) : name, span);
        int readOnly = -1;
        try {
            readOnly = Sys.reopenReadOnly(descriptor);
            return new Frames(descriptor, readOnly, Sys.channel(descriptor, true));
        } catch (IOException e) {
            Descriptors.close(descriptor);
            if (readOnly >= 0) {
                Descriptors.close(readOnly);
            }
            throw e;
        }
    }

    /** What programs map that may write. */
    int descriptor() {
        return descriptor;
    }

    /** What programs map that only read. */
    int readOnlyDescriptor() {
        return readOnly;
    }

    /**
     * Makes memory for the frame of a page that is on its way, so that it is there when somebody waits for the rest. Without
     * memory it is {@link #write} that fails.
     */
    void reserve(long offset, int length) {
        Sys.allocate(descriptor, offset, length);
    }

    /** Writes bytes of pages that no process can see at this moment; false when there is no memory for them. */
    boolean write(ByteBuf from, int at, int length, long offset) {
        ByteBuffer view = from.internalNioBuffer(at, length);
        try {
            long to = offset;
            while (view.hasRemaining()) {
                to += channel.write(view, to);
            }
            return true;
        } catch (IOException e) {
            LOG.error("a frame cannot be written", e);
            return false;
        }
    }

    /** Appends bytes of pages that no process can change at this moment to a message that has room for them. */
    void read(ByteBuf to, long offset, int length) throws IOException {
        ByteBuffer view = to.internalNioBuffer(to.writerIndex(), length);
        long from = offset;
        while (view.hasRemaining()) {
            int read = channel.read(view, from);
            if (read <= 0) {
                throw new IOException("frames end at " + from);
            }
            from += read;
        }
        to.writerIndex(to.writerIndex() + length);
    }

    /**
     * Gives the memory of frames back that no process may touch any more. One page of the kernel's at a time: punching a
     * longer hole while a program touches it can take guard markers away (ARCHITECTURE: Memory).
     */
    void discard(long offset, long length) {
        try {
            for (long at = offset; at < offset + length; at += 4096) {
                Sys.punch(descriptor, at, 4096);
            }
        } catch (IOException e) {
            LOG.warn("frames cannot be given back: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        Descriptors.close(channel);
        Descriptors.close(descriptor);
        Descriptors.close(readOnly);
    }
}
