package io.pagewire.internal;

import io.pagewire.PageFaultException;
import io.pagewire.Progress;
import io.pagewire.wire.FaultCause;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;

/**
 * One mapping as the C library knows it: its handle, its geometry, and its failure word. The word changes whenever a load or
 * store of this mapping could not be served, and bit 0 is set while some page of it shows zeros for that reason. C keeps the
 * word valid for the life of the process, so that reading it needs no lock.
 *
 * <p>Safe for use by any thread.
 */
public final class Mapping {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** How long an accessor waits for the exception that the deliverer has claimed to throw in its place. */
    private static final long DELIVERY_NS = TimeUnit.SECONDS.toNanos(1);

    private final Gate gate = new Gate();
    private final long handle;
    private final String name;
    private final long address;
    private final long size;
    private final int pageSize;
    private final boolean preloaded;
    private final Optional<String> warning;
    private final ByteBuffer failureWord;

    /** handle: of a {@code struct pw_region} that this mapping owns from now on. */
    Mapping(long handle, String name, boolean preloaded, Optional<String> warning) {
        this.handle = handle;
        this.name = name;
        this.preloaded = preloaded;
        this.warning = warning;
        this.address = Native.address(handle);
        this.size = Native.size(handle);
        this.pageSize = Native.pageSize(handle);
        this.failureWord = Native.buffer(Native.failureWord(handle), Long.BYTES).order(ByteOrder.nativeOrder());
        Mappings.add(this);
    }

    public String name() {
        return name;
    }

    public long address() {
        return address;
    }

    public long size() {
        return size;
    }

    public int pageSize() {
        return pageSize;
    }

    public boolean isPreloaded() {
        return preloaded;
    }

    public Optional<String> warning() {
        return warning;
    }

    long handle() {
        return handle;
    }

    public boolean isHome() {
        return withHandle(Native::isHome);
    }

    public String engine() {
        return withHandle(Native::engine);
    }

    /** A native-order buffer over a part of the region; the caller has checked the range. */
    public ByteBuffer buffer(long offset, int length) {
        return Native.buffer(address + offset, length).order(ByteOrder.nativeOrder());
    }

    /** The failure word now; accesses that follow stay behind this read. */
    public long failureWord() {
        return (long) LONG.getAcquire(failureWord, 0);
    }

    /** Throws when a page of the range failed since the word was {@code before}. */
    public void verify(long offset, long length, long before) {
        long after = (long) LONG.getAcquire(failureWord, 0);
        if (after != before || (before & 1) != 0) {
            throwIfFailed(offset, length, before);
        }
    }

    private void throwIfFailed(long offset, long length, long before) {
        long[] record = new long[FailureRecord.FIELDS];
        int verdict = Native.failureCheck(handle, offset, length, before, record);
        if (verdict == 0) {
            return;
        }
        FailureRecord failure = new FailureRecord(record);
        PageFaultException exception = exception(failure.page(), failure.cause());
        if (verdict == 2) {
            awaitDelivery();
        }
        // From here on the next access to the page is a new attempt.
        Native.failureRearm(handle, failure.id());
        throw exception;
    }

    /** The exception for a page that could not be served; cause: code of a FaultCause, above its lowest byte a DeadlineReason. */
    PageFaultException exception(long page, int cause) {
        return new PageFaultException(
                name, page, pageSize, FaultCause.of(cause & 0xFF), DeadlineReason.text(cause & 0xFF, cause >>> 8));
    }

    /**
     * The deliverer was first and is about to throw the exception in this thread, which happens at a safepoint poll in this
     * loop. When it does not come, the caller throws its own: better twice than never.
     */
    private static void awaitDelivery() {
        long end = System.nanoTime() + DELIVERY_NS;
        while (System.nanoTime() - end < 0) {
            Thread.yield();
            LockSupport.parkNanos(100_000);
        }
    }

    /** Touches the pages of the range in native state. right: of LocalLayout. The caller has checked the range. */
    public void prefetch(long offset, long length, int right) {
        withHandle(h -> {
            Native.prefetch(h, offset, length, right);
            return null;
        });
    }

    /** Pins the range; gives the pin's id. */
    public long pin(long offset, long length, int right, int holdMs) {
        return withHandle(h -> Native.pin(h, offset, length, right, holdMs));
    }

    /** Gives a pin free; nothing when the mapping is closed, which has given all pins free. */
    public void unpin(long pin) {
        if (gate.enter()) {
            try {
                Native.unpin(handle, pin);
            } finally {
                gate.leave();
            }
        }
    }

    public void force(long offset, long length) {
        withHandle(h -> {
            Native.force(h, offset, length);
            return null;
        });
    }

    /** Gives the number of pages sent. */
    public long publish() {
        return withHandle(Native::publish);
    }

    /** Gives the number of pages taken over. */
    public long refresh() {
        return withHandle(Native::refresh);
    }

    /** The fields of {@code struct pw_stats} in their order. */
    public long[] stats(int fields) {
        long[] values = new long[fields];
        withHandle(h -> {
            Native.stats(h, values);
            return null;
        });
        return values;
    }

    /** Runs a call into C while the mapping is certainly open; IllegalStateException when it is closed. */
    public <T> T withHandle(LongFunction<T> call) {
        if (!gate.enter()) {
            throw closed();
        }
        try {
            return call.apply(handle);
        } finally {
            gate.leave();
        }
    }

    /** What an access to a closed region throws. */
    public IllegalStateException closed() {
        return new IllegalStateException("region '" + name + "' is closed");
    }

    /**
     * Unmaps. Waits for calls into C to return, and for the last upcall.
     *
     * @return what {@link #awaitHome} waits for; 0 for every call but the first
     */
    public long close() {
        long[] leave = new long[1];
        if (gate.close(() -> leave[0] = Native.unmap(handle))) {
            Upcalls.awaitEnd(handle);
        }
        return leave[0];
    }

    /** Returns when what was written through the mapping is home; called once for what {@link #close} gave. */
    public static void awaitHome(long leave, int limitMs, Progress progress) {
        Native.awaitHome(leave, limitMs, progress);
    }
}
