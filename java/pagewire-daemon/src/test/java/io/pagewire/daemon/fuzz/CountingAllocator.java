package io.pagewire.daemon.fuzz;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * Buffers whose every byte is counted: what an input has asked for must be bounded, and after it nothing may be left.
 *
 * <p>For use by one thread.
 */
public final class CountingAllocator extends AbstractByteBufAllocator {
    /** More than any message needs: a page of the largest size twice, and room. */
    private static final int MOST = 8 << 20;

    private final UnpooledByteBufAllocator counted = new UnpooledByteBufAllocator(true, false);

    public CountingAllocator() {
        super(true);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        check(initialCapacity);
        return counted.directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        check(initialCapacity);
        return counted.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    private long used() {
        return counted.metric().usedDirectMemory() + counted.metric().usedHeapMemory();
    }

    private void check(int wanted) {
        if (used() + wanted > MOST) {
            throw new AssertionError("an input makes the daemon hold " + (used() + wanted) + " bytes of buffers");
        }
    }

    /** Throws when a buffer was not given back. */
    public void mustBeEmpty() {
        if (used() != 0) {
            throw new AssertionError(used() + " bytes of buffers were not released");
        }
    }
}
