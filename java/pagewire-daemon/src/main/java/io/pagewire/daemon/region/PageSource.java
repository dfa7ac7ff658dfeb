package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/**
 * Where the bytes of a home region come from and go to.
 *
 * <p>{@link #read}, {@link #write} and {@link #reserve} belong to the region's event loop; {@link #warm} runs on a thread that may block.
 */
interface PageSource extends AutoCloseable {
    /** Result of {@link #read}: all bytes were appended. */
    int READ = 0;

    /** Result of {@link #read}: the bytes are on disk and not in memory; call {@link #warm} elsewhere, then read again. */
    int COLD = -1;

    /**
     * Appends {@code length} bytes from {@code offset} to the buffer, which has room for them. Returns {@link #READ}, {@link
     * #COLD}, or a positive {@link io.pagewire.core.Cause}; in the last two cases the buffer is as before.
     */
    int read(ByteBuf to, long offset, int length);

    /**
     * Stores bytes that came home. Nothing of them that lies behind the end of the file is stored. Returns 0 or a {@link
     * io.pagewire.core.Cause}.
     */
    int write(ByteBuf from, int at, int length, long offset);

    /**
     * Makes sure that what is about to be written there has a place; throws with the reason when there is none.
     */
    void reserve(long offset, long length) throws IOException;

    /** Brings the bytes into memory. Returns 0 or a {@link io.pagewire.core.Cause}. */
    int warm(long offset, int length);

    /** Returns when what programs have written is where it survives the daemon, if there is such a place. */
    void force() throws IOException;

    /** Somebody who sees how far a {@link #force} has come, or null when there is nothing to see. On the loop; closed by the caller. */
    default WrittenBack watchForce() throws IOException {
        return null;
    }

    /** How far the source has come that must be in memory as a whole; null when there is nothing to wait for. */
    default Filling filling() {
        return null;
    }

    /** The descriptor that programs of this host map. */
    int descriptor();

    /** The descriptor for programs that will only read: the kernel lets them do nothing else. */
    int readOnlyDescriptor();

    /** Whether programs may store through the descriptor. */
    boolean writable();

    @Override
    void close();
}
