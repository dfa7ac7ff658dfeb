package io.pagewire.daemon.sys;

import com.kenai.jffi.MemoryIO;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A memfd mapped into the daemon, for memory that programs change while the daemon reads and writes it: aligned words of eight
 * bytes are read whole and replaced only while they are what they were. The memfd must be sealed against shrinking and have its
 * memory already, and nobody may punch holes into it; then no access can fail (ARCHITECTURE: Memory).
 *
 * <p>Access by any thread; nobody may use it any more when it is closed.
 */
public final class MappedMemory implements AutoCloseable {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** A buffer of Java's has fewer than 2 GiB; no page lies in two of these. */
    private static final int WINDOW_BITS = 30;

    private static final long WINDOW = 1L << WINDOW_BITS;

    private final long address;
    private final long length;
    private final ByteBuffer[] windows;

    private MappedMemory(long address, long length) {
        this.address = address;
        this.length = length;
        this.windows = new ByteBuffer[(int) ((length + WINDOW - 1) >>> WINDOW_BITS)];
        for (int i = 0; i < windows.length; i++) {
            long from = (long) i << WINDOW_BITS;
            windows[i] = MemoryIO.getInstance()
                    .newDirectByteBuffer(address + from, (int) Math.min(WINDOW, length - from))
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /** Maps all of a memfd. {@code length}: bytes, a multiple of 4096; the descriptor is not needed any more afterwards. */
    public static MappedMemory of(int descriptor, long length) throws IOException {
        return new MappedMemory(Sys.map(descriptor, length), length);
    }

    /** The eight bytes from {@code offset}, a multiple of 8; the first byte is the lowest. */
    public long word(long offset) {
        return (long) LONG.getAcquire(window(offset), at(offset));
    }

    /** Replaces eight bytes if they are still {@code expected}; false when not. */
    public boolean replaceWord(long offset, long expected, long word) {
        return LONG.compareAndSet(window(offset), at(offset), expected, word);
    }

    public void word(long offset, long word) {
        LONG.setRelease(window(offset), at(offset), word);
    }

    /** A view of bytes of one page, for bulk copies and comparisons. */
    public ByteBuffer view(long offset, int bytes) {
        return window(offset).slice(at(offset), bytes);
    }

    private ByteBuffer window(long offset) {
        return windows[(int) (offset >>> WINDOW_BITS)];
    }

    private static int at(long offset) {
        return (int) (offset & WINDOW - 1);
    }

    @Override
    public void close() throws IOException {
        Sys.unmap(address, length);
    }
}
