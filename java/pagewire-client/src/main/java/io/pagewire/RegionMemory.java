package io.pagewire;

import io.pagewire.internal.Mapping;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * Plain loads and stores at byte offsets of a mapped region, in the byte order of the machine. Offsets need not be aligned.
 * Every method checks bounds before it touches anything and throws
 *
 * <ul>
 *   <li>{@link IndexOutOfBoundsException} when the range is not within 0 to {@code size()},
 *   <li>{@link IllegalStateException} when the region is closed,
 *   <li>{@link PageFaultException} when the page could not be served: what was loaded is not given back, what was stored is
 *       lost. A store to a region of another host is such a failure, unless any host may write it (SPEC: O2).
 * </ul>
 *
 * Values wider than a byte are read and written at once only when they are aligned.
 *
 * <p>Safe for use by any thread in the way memory is: plain accesses order nothing, see {@link RegionAtomics} for those that do.
 */
public abstract sealed class RegionMemory permits RegionAtomics {
    /** A direct buffer reaches at most 2 GiB; windows start every GiB and reach a little into the next. */
    private static final int WINDOW_SHIFT = 30;

    private static final long WINDOW = 1L << WINDOW_SHIFT;

    /** Bulk operations go in steps: long enough to be quick, short enough that a close need not wait for a whole region. */
    private static final int STEP = 1 << 20;

    final Mapping mapping;
    private final long size;

    /** Null once the region is closed. Not volatile: the failure word is read with acquire on every access. */
    private ByteBuffer[] windows;

    RegionMemory(Mapping mapping) {
        this.mapping = mapping;
        this.size = mapping.size();
        this.windows = new ByteBuffer[Math.toIntExact((size + WINDOW - 1) >>> WINDOW_SHIFT)];
        for (int i = 0; i < windows.length; i++) {
            long start = (long) i << WINDOW_SHIFT;
            windows[i] = mapping.buffer(start, (int) Math.min(WINDOW + Long.BYTES, size - start));
        }
    }

    /** The value at the offset. */
    public final byte getByte(long offset) {
        ByteBuffer window = window(offset, Byte.BYTES);
        long before = mapping.failureWord();
        byte value = window.get(at(offset));
        loaded(offset, Byte.BYTES, before);
        return value;
    }

    /** The value at the offset. */
    public final short getShort(long offset) {
        ByteBuffer window = window(offset, Short.BYTES);
        long before = mapping.failureWord();
        short value = window.getShort(at(offset));
        loaded(offset, Short.BYTES, before);
        return value;
    }

    /** The value at the offset. */
    public final char getChar(long offset) {
        return (char) getShort(offset);
    }

    /** The value at the offset. */
    public final int getInt(long offset) {
        ByteBuffer window = window(offset, Integer.BYTES);
        long before = mapping.failureWord();
        int value = window.getInt(at(offset));
        loaded(offset, Integer.BYTES, before);
        return value;
    }

    /** The value at the offset. */
    public final long getLong(long offset) {
        ByteBuffer window = window(offset, Long.BYTES);
        long before = mapping.failureWord();
        long value = window.getLong(at(offset));
        loaded(offset, Long.BYTES, before);
        return value;
    }

    /** The value at the offset. */
    public final float getFloat(long offset) {
        return Float.intBitsToFloat(getInt(offset));
    }

    /** The value at the offset. */
    public final double getDouble(long offset) {
        return Double.longBitsToDouble(getLong(offset));
    }

    /** Stores the value at the offset. */
    public final void putByte(long offset, byte value) {
        ByteBuffer window = window(offset, Byte.BYTES);
        long before = mapping.failureWord();
        window.put(at(offset), value);
        stored(offset, Byte.BYTES, before);
    }

    /** Stores the value at the offset. */
    public final void putShort(long offset, short value) {
        ByteBuffer window = window(offset, Short.BYTES);
        long before = mapping.failureWord();
        window.putShort(at(offset), value);
        stored(offset, Short.BYTES, before);
    }

    /** Stores the value at the offset. */
    public final void putChar(long offset, char value) {
        putShort(offset, (short) value);
    }

    /** Stores the value at the offset. */
    public final void putInt(long offset, int value) {
        ByteBuffer window = window(offset, Integer.BYTES);
        long before = mapping.failureWord();
        window.putInt(at(offset), value);
        stored(offset, Integer.BYTES, before);
    }

    /** Stores the value at the offset. */
    public final void putLong(long offset, long value) {
        ByteBuffer window = window(offset, Long.BYTES);
        long before = mapping.failureWord();
        window.putLong(at(offset), value);
        stored(offset, Long.BYTES, before);
    }

    /** Stores the value at the offset. */
    public final void putFloat(long offset, float value) {
        putInt(offset, Float.floatToRawIntBits(value));
    }

    /** Stores the value at the offset. */
    public final void putDouble(long offset, double value) {
        putLong(offset, Double.doubleToRawLongBits(value));
    }

    /**
     * Copies {@code length} bytes of the region to an array. A range longer than a page is fetched outside Java first, so that
     * it holds up no garbage collection.
     *
     * @throws PageFaultException when a page could not be served; the array then holds an unspecified part
     */
    public final void get(long offset, byte[] into, int start, int length) {
        Objects.checkFromIndexSize(start, length, into.length);
        checkRange(offset, length);
        boolean ahead = length > mapping.pageSize();
        for (int done = 0; done < length; ) {
            long from = offset + done;
            int part = step(from, length - done);
            if (ahead) {
                mapping.prefetch(from, part, Access.READ.right());
            }
            ByteBuffer window = window(from, part);
            long before = mapping.failureWord();
            window.get(at(from), into, start + done, part);
            loaded(from, part, before);
            done += part;
        }
    }

    /**
     * Copies {@code length} bytes of an array to the region. The right to write a range longer than a page is fetched outside
     * Java first, so that it holds up no garbage collection.
     *
     * @throws PageFaultException when a page could not be served; the region then holds an unspecified part
     */
    public final void put(long offset, byte[] from, int start, int length) {
        Objects.checkFromIndexSize(start, length, from.length);
        checkRange(offset, length);
        boolean ahead = length > mapping.pageSize();
        for (int done = 0; done < length; ) {
            long to = offset + done;
            int part = step(to, length - done);
            if (ahead) {
                mapping.prefetch(to, part, Access.WRITE.right());
            }
            store(to, from, start + done, part);
            done += part;
        }
    }

    /** Sets {@code length} bytes (any number up to the region's size) to one value; otherwise like {@link #put}. */
    public final void fill(long offset, long length, byte value) {
        checkRange(offset, length);
        byte[] pattern = new byte[(int) Math.min(length, 1 << 16)];
        Arrays.fill(pattern, value);
        boolean ahead = length > mapping.pageSize();
        long ready = offset;
        for (long done = 0; done < length; ) {
            long to = offset + done;
            if (ahead && to >= ready) {
                int part = step(to, length - done);
                mapping.prefetch(to, part, Access.WRITE.right());
                ready = to + part;
            }
            int part = Math.min(step(to, length - done), pattern.length);
            store(to, pattern, 0, part);
            done += part;
        }
    }

    private void store(long to, byte[] from, int start, int part) {
        ByteBuffer window = window(to, part);
        long before = mapping.failureWord();
        window.put(at(to), from, start, part);
        stored(to, part, before);
    }

    /** The length of the next step: up to the next multiple of STEP, so that a step never leaves its window. */
    private static int step(long offset, long left) {
        return (int) Math.min(left, STEP - (offset & (STEP - 1)));
    }

    /** Checks bounds and state; gives the window in which the offset lies. */
    final ByteBuffer window(long offset, int width) {
        ByteBuffer[] open = windows;
        if (open == null) {
            throw mapping.closed();
        }
        if (offset < 0 || offset > size - width) {
            throw outOfBounds(offset, width);
        }
        return open[(int) (offset >>> WINDOW_SHIFT)];
    }

    static int at(long offset) {
        return (int) (offset & (WINDOW - 1));
    }

    /** After a load: the fence keeps the compiler from reading the failure word before the data. */
    final void loaded(long offset, long length, long before) {
        VarHandle.loadLoadFence();
        mapping.verify(offset, length, before);
    }

    /** After a store: the failure, if any, was raised by this thread's own store, so only the compiler needs a fence. */
    final void stored(long offset, long length, long before) {
        VarHandle.storeStoreFence();
        mapping.verify(offset, length, before);
    }

    final void checkRange(long offset, long length) {
        if (windows == null) {
            throw mapping.closed();
        }
        if (offset < 0 || length < 0 || offset > size - length) {
            throw outOfBounds(offset, length);
        }
    }

    /** From now on every access is refused before it touches memory. */
    final void refuseAccess() {
        windows = null;
    }

    private IndexOutOfBoundsException outOfBounds(long offset, long length) {
        return new IndexOutOfBoundsException("offset " + offset + ", length " + length + " is not within region '"
                + mapping.name() + "' of " + size + " bytes");
    }
}
