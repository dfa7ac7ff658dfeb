package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.daemon.memory.MemoryFrames;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frames of a created region: a memfd (SPEC: V8). What the core reads stands in its frame; what does not, it brings back
 * from the spill file first.
 *
 * <p>Belongs to the region's event loop.
 */
final class MemorySource implements PageSource {
    private static final Logger LOG = LoggerFactory.getLogger(MemorySource.class);

    private final MemoryFrames frames;

    private MemorySource(MemoryFrames frames) {
        this.frames = frames;
    }

    static MemorySource create(String name, long span) throws IOException {
        return new MemorySource(MemoryFrames.create(name, span));
    }

    MemoryFrames frames() {
        return frames;
    }

    @Override
    public int read(ByteBuf to, long offset, int length) {
        try {
            frames.read(to, offset, length);
            return READ;
        } catch (IOException e) {
            LOG.error("frames at {} cannot be read", offset, e);
            return Cause.NO_MEMORY;
        }
    }

    @Override
    public int write(ByteBuf from, int at, int length, long offset) {
        return frames.write(from, at, length, offset) ? 0 : Cause.NO_MEMORY;
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
        return frames.descriptor();
    }

    @Override
    public int readOnlyDescriptor() {
        return frames.readOnlyDescriptor();
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public void close() {
        frames.close();
    }
}
