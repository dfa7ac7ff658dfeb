package io.pagewire.daemon.sys;

import com.kenai.jffi.MemoryIO;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A memfd of slots of one size, mapped into the daemon to receive bytes into them. The memfd must be sealed against shrinking.
 * Slots have memory when they are used, so only the kernel should store here, for a system call: that fails where a store would
 * kill.
 *
 * <p>Views may be made and used by any thread; nobody may use them any more when it is closed.
 */
public final class MappedSlots implements AutoCloseable {
    private final long address;
    private final long length;
    private final ByteBuffer[] slots;

    /**
     * Maps all slots; the descriptor is not needed any more afterwards.
     *
     * @param stride bytes from one slot to the next, a multiple of 4096
     * @param used bytes of a slot that are used, at most the stride and fewer than 2 GiB
     */
    public MappedSlots(int descriptor, int count, long stride, int used) throws IOException {
        length = count * stride;
        address = Sys.map(descriptor, length);
        slots = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            slots[i] = MemoryIO.getInstance().newDirectByteBuffer(address + i * stride, used);
        }
    }

    /** Bytes of a slot where they lie. */
    public ByteBuffer view(int slot, int from, int bytes) {
        return slots[slot].slice(from, bytes);
    }

    @Override
    public void close() throws IOException {
        Sys.unmap(address, length);
    }
}
