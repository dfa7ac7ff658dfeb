package io.pagewire;

import io.pagewire.internal.Mapping;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Ordered and atomic accesses to ints and longs of a region, with the memory effects of the {@link VarHandle} methods of the
 * same names, among all threads and processes of the host. A reader on another host sees stores page by page: once a write
 * fault has completed nobody reads the older page any more. Where any host may write ({@link Writers#ANY}), a page is writable on
 * one host at a time, so updates of different hosts are atomic too and none is lost (SPEC: V7). Compare-and-set and add need the
 * right to write even if they change nothing, so in a region that only its owner writes they fail with
 * {@link PageFaultException} on other hosts (SPEC: O2). Preloaded mappings are atomic among the processes of one host only.
 *
 * <p>In addition to what {@link RegionMemory} says, offsets must be multiples of the width: {@link IllegalArgumentException}
 * otherwise.
 *
 * <p>Safe for use by any thread.
 */
public abstract sealed class RegionAtomics extends RegionMemory permits Region {
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    RegionAtomics(Mapping mapping) {
        super(mapping);
    }

    /** The value at the offset, with volatile order. */
    public final int getIntVolatile(long offset) {
        ByteBuffer window = aligned(offset, Integer.BYTES);
        long before = mapping.failureWord();
        int value = (int) INT.getVolatile(window, at(offset));
        loaded(offset, Integer.BYTES, before);
        return value;
    }

    /** The value at the offset; later accesses of this thread come after it. */
    public final int getIntAcquire(long offset) {
        ByteBuffer window = aligned(offset, Integer.BYTES);
        long before = mapping.failureWord();
        int value = (int) INT.getAcquire(window, at(offset));
        loaded(offset, Integer.BYTES, before);
        return value;
    }

    /** Stores the value, with volatile order. */
    public final void putIntVolatile(long offset, int value) {
        ByteBuffer window = aligned(offset, Integer.BYTES);
        long before = mapping.failureWord();
        INT.setVolatile(window, at(offset), value);
        stored(offset, Integer.BYTES, before);
    }

    /** Stores the value; earlier accesses of this thread come before it. */
    public final void putIntRelease(long offset, int value) {
        ByteBuffer window = aligned(offset, Integer.BYTES);
        long before = mapping.failureWord();
        INT.setRelease(window, at(offset), value);
        stored(offset, Integer.BYTES, before);
    }

    /** Stores {@code value} if the offset holds {@code expected}, as one step. True when it did. */
    public final boolean compareAndSetInt(long offset, int expected, int value) {
        ByteBuffer window = aligned(offset, Integer.BYTES);
        long before = mapping.failureWord();
        boolean done = INT.compareAndSet(window, at(offset), expected, value);
        stored(offset, Integer.BYTES, before);
        return done;
    }

    /** Adds to the value as one step and gives what it was before. */
    public final int getAndAddInt(long offset, int delta) {
        ByteBuffer window = aligned(offset, Integer.BYTES);
        long before = mapping.failureWord();
        int value = (int) INT.getAndAdd(window, at(offset), delta);
        stored(offset, Integer.BYTES, before);
        return value;
    }

    /** The value at the offset, with volatile order. */
    public final long getLongVolatile(long offset) {
        ByteBuffer window = aligned(offset, Long.BYTES);
        long before = mapping.failureWord();
        long value = (long) LONG.getVolatile(window, at(offset));
        loaded(offset, Long.BYTES, before);
        return value;
    }

    /** The value at the offset; later accesses of this thread come after it. */
    public final long getLongAcquire(long offset) {
        ByteBuffer window = aligned(offset, Long.BYTES);
        long before = mapping.failureWord();
        long value = (long) LONG.getAcquire(window, at(offset));
        loaded(offset, Long.BYTES, before);
        return value;
    }

    /** Stores the value, with volatile order. */
    public final void putLongVolatile(long offset, long value) {
        ByteBuffer window = aligned(offset, Long.BYTES);
        long before = mapping.failureWord();
        LONG.setVolatile(window, at(offset), value);
        stored(offset, Long.BYTES, before);
    }

    /** Stores the value; earlier accesses of this thread come before it. */
    public final void putLongRelease(long offset, long value) {
        ByteBuffer window = aligned(offset, Long.BYTES);
        long before = mapping.failureWord();
        LONG.setRelease(window, at(offset), value);
        stored(offset, Long.BYTES, before);
    }

    /** Stores {@code value} if the offset holds {@code expected}, as one step. True when it did. */
    public final boolean compareAndSetLong(long offset, long expected, long value) {
        ByteBuffer window = aligned(offset, Long.BYTES);
        long before = mapping.failureWord();
        boolean done = LONG.compareAndSet(window, at(offset), expected, value);
        stored(offset, Long.BYTES, before);
        return done;
    }

    /** Adds to the value as one step and gives what it was before. */
    public final long getAndAddLong(long offset, long delta) {
        ByteBuffer window = aligned(offset, Long.BYTES);
        long before = mapping.failureWord();
        long value = (long) LONG.getAndAdd(window, at(offset), delta);
        stored(offset, Long.BYTES, before);
        return value;
    }

    private ByteBuffer aligned(long offset, int width) {
        ByteBuffer window = window(offset, width);
        if ((offset & (width - 1)) != 0) {
            throw new IllegalArgumentException(
                    "offset " + offset + " is not a multiple of " + width + ", as ordered and atomic accesses need");
        }
        return window;
    }
}
