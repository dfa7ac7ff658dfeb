package io.pagewire.daemon.stream;

import io.pagewire.daemon.sys.FreeMemory;
import io.pagewire.daemon.sys.MappedSlots;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slots of one stream on one host: a memfd whose size is sealed, with memory for as many slots as there are frames and one
 * more; other slots take memory when they are used.
 *
 * <p>Made on a thread that may block; then belongs to the stream's event loop.
 */
final class StreamMemory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamMemory.class);
    private static final String PREFIX = "pagewire-stream:";
    private static final int MOST_NAME = 249;
    private static final int KERNEL_PAGE = 4096;

    /** What one entry of a page directory maps: page tables of slots that are aligned to it are moved whole. */
    private static final int ALIGNMENT = 2 << 20;

    private final int descriptor;
    private final int readOnly;
    private final FileChannel channel;
    private final MappedSlots mapped;
    private final long frameSize;
    private final long stride;

    private StreamMemory(String name, long frameSize, int frames, int slots, boolean receives) throws IOException {
        this.frameSize = frameSize;
        this.stride = roundUp(frameSize, ALIGNMENT);
        int made = -1;
        int reopened = -1;
        FileChannel opened = null;
        MappedSlots views = null;
        try {
            made = Sys.memfd(memfdName(name), slots * stride);
            allocate(made, name, frames + 1);
            reopened = Sys.reopenReadOnly(made);
            opened = Sys.channel(made, false);
            views = receives ? new MappedSlots(made, slots, stride, (int) frameSize) : null;
        } catch (IOException | RuntimeException | Error e) {
            close(made, reopened, opened, views);
            throw e;
        }
        descriptor = made;
        readOnly = reopened;
        channel = opened;
        mapped = views;
    }

    /**
     * Throws when this host has no descriptors, or not the memory; {@link #checkMemory} tells that before anything is taken.
     *
     * @param mapped whether circuits are to receive into it
     */
    static StreamMemory of(String name, long frameSize, int frames, int slots, boolean mapped) throws IOException {
        return new StreamMemory(name, frameSize, frames, slots, mapped);
    }

    /** Null when this host has memory for so many frames and one more, otherwise why they cannot be had. Takes none. May block. */
    static String checkMemory(long frameSize, int frames) throws IOException {
        long needed = (frames + 1) * roundUp(frameSize, KERNEL_PAGE);
        long free = FreeMemory.bytes();
        return needed <= free
                ? null
                : frames + " frames of " + frameSize + " bytes and one that is under way need " + (needed >> 10)
                        + " KiB of memory, but this host has only " + (free >> 10)
                        + " KiB; use fewer (--frames) or smaller frames, or free some memory";
    }

    private static long roundUp(long bytes, int unit) {
        return (bytes + unit - 1) & -unit;
    }

    private static String memfdName(String stream) {
        String name = PREFIX + stream;
        while (name.getBytes(StandardCharsets.UTF_8).length > MOST_NAME) {
            name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
        }
        return name;
    }

    private void allocate(int memfd, String name, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            if (!Sys.allocate(memfd, i * stride, roundUp(frameSize, KERNEL_PAGE))) {
                throw new IOException("stream " + name + ": this host has no memory for " + count + " slots of "
                        + frameSize + " bytes; use fewer (--frames) or smaller frames, or free some memory");
            }
        }
    }

    /** For reading and writing, what the producer maps; stays open here. */
    int descriptor() {
        return descriptor;
    }

    /** For reading only, what consumers map; stays open here. */
    int readOnlyDescriptor() {
        return readOnly;
    }

    /** For reading, what {@code sendfile} is given; stays open here. */
    FileChannel channel() {
        return channel;
    }

    /** Bytes from one slot to the next, a multiple of 2 MiB. */
    long stride() {
        return stride;
    }

    long offset(int slot) {
        return slot * stride;
    }

    /** Bytes of a slot where they lie, to receive into. Only when mapped. */
    ByteBuffer view(int slot, int from, int bytes) {
        return mapped.view(slot, from, bytes);
    }

    /** Gives the slot's memory up; it gets new memory when it is used. Whoever has its pages still keeps the old ones. */
    void renew(int slot) throws IOException {
        Sys.punch(descriptor, offset(slot), stride);
    }

    @Override
    public void close() {
        close(descriptor, readOnly, channel, mapped);
    }

    /** An error on closing changes nothing for anybody: the kernel has let go all the same. */
    private static void close(int first, int second, FileChannel channel, MappedSlots mapped) {
        closeOne(channel);
        closeOne(mapped);
        closeOne(first < 0 ? null : () -> Sys.close(first));
        closeOne(second < 0 ? null : () -> Sys.close(second));
    }

    private static void closeOne(AutoCloseable part) {
        try {
            if (part != null) {
                part.close();
            }
        } catch (Exception e) {
            LOG.warn("closing the memory of a stream: {}", Reasons.of(e));
        }
    }
}
