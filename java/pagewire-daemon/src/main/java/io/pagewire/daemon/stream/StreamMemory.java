package io.pagewire.daemon.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The slots of one stream on one host: a memfd whose size is sealed, with memory for as many slots as there are frames and one
 * more; other slots take memory when they are used.
 *
 * <p>Made on a thread that may block; then belongs to the stream's event loop.
 */
final class StreamMemory implements AutoCloseable {
    /** @param mapped whether circuits are to receive into it */
    static StreamMemory of(String name, long frameSize, int frames, int slots, boolean mapped) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** For reading and writing; stays open here. */
    int descriptor() {
        throw new UnsupportedOperationException();
    }

    /** For reading, what {@code sendfile} is given; stays open here. */
    FileChannel channel() {
        throw new UnsupportedOperationException();
    }

    /** Bytes from one slot to the next. */
    long stride() {
        throw new UnsupportedOperationException();
    }

    long offset(int slot) {
        throw new UnsupportedOperationException();
    }

    /** Bytes of a slot where they lie, to receive into. Only when mapped. */
    ByteBuffer view(int slot, int from, int bytes) {
        throw new UnsupportedOperationException();
    }

    /** Gives the slot's memory up; it gets new memory when it is used. */
    void renew(int slot) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() throws IOException {
        throw new UnsupportedOperationException();
    }
}
