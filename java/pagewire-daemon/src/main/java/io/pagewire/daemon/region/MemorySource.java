package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.daemon.sys.Sys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frames of a created region: a memfd, always in memory (SPEC: V8).
 *
 * <p>Belongs to the region's event loop.
 */
final class MemorySource implements PageSource {
    private static final Logger LOG = LoggerFactory.getLogger(MemorySource.class);

    private final int descriptor;
    private final int readOnly;
    private final FileChannel channel;

    private MemorySource(int descriptor, int readOnly, FileChannel channel) {
        this.descriptor = descriptor;
        this.readOnly = readOnly;
        this.channel = channel;
    }

    static MemorySource create(String name, long span) throws IOException {
        int descriptor = Sys.memfd(name, span);
        int readOnly = -1;
        try {
            readOnly = Sys.reopenReadOnly(descriptor);
            return new MemorySource(descriptor, readOnly, Sys.channel(descriptor, true));
        } catch (IOException e) {
            Descriptors.close(descriptor);
            if (readOnly >= 0) {
                Descriptors.close(readOnly);
            }
            throw e;
        }
    }

    @Override
    public int read(ByteBuf to, long offset, int length) {
        ByteBuffer view = to.internalNioBuffer(to.writerIndex(), length);
        try {
            long at = offset;
            while (view.hasRemaining()) {
                int read = channel.read(view, at);
                if (read <= 0) {
                    return Cause.FILE_ERROR;
                }
                at += read;
            }
        } catch (IOException e) {
            LOG.error("frames at {} cannot be read", offset, e);
            return Cause.NO_MEMORY;
        }
        to.writerIndex(to.writerIndex() + length);
        return READ;
    }

    @Override
    public int write(ByteBuf from, int at, int length, long offset) {
        ByteBuffer view = from.internalNioBuffer(at, length);
        try {
            long to = offset;
            while (view.hasRemaining()) {
                to += channel.write(view, to);
            }
            return 0;
        } catch (IOException e) {
            LOG.error("frames at {} cannot be written", offset, e);
            return Cause.NO_MEMORY;
        }
    }

    @Override
    public void reserve(long offset, long length) {
        // Frames are made when they are first written; there is no other place to make sure of.
    }

    @Override
    public int warm(long offset, int length) {
        return 0;
    }

    @Override
    public void force() {
        // The only copy is in memory; there is nowhere to force it to.
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public int readOnlyDescriptor() {
        return readOnly;
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public void close() {
        Descriptors.close(channel);
        Descriptors.close(descriptor);
        Descriptors.close(readOnly);
    }
}
