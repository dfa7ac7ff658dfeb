package io.pagewire.system.jvm;

import io.pagewire.PageFaultException;
import io.pagewire.Region;
import io.pagewire.wire.FaultCause;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ways to write, on a region where it is allowed, on one where it is not, and on one that has been deleted.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class FailureWrites {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private FailureWrites() {}

    private static Map<String, Runnable> byAccessor(Region region) {
        Map<String, Runnable> writes = new LinkedHashMap<>();
        writes.put("compareAndSetLong", () -> region.compareAndSetLong(0, region.getLong(0), 1));
        writes.put("compareAndSetInt", () -> region.compareAndSetInt(4096, -1, 1));
        writes.put("getAndAddLong", () -> region.getAndAddLong(8, 1));
        writes.put("getAndAddInt", () -> region.getAndAddInt(8200, 1));
        writes.put("putByte", () -> region.putByte(9, (byte) 1));
        writes.put("putLong", () -> region.putLong(12_288, 1));
        writes.put("putLongVolatile", () -> region.putLongVolatile(16, 1));
        writes.put("putIntRelease", () -> region.putIntRelease(20, 1));
        writes.put("put", () -> region.put(100, new byte[20_000], 0, 20_000));
        writes.put("fill", () -> region.fill(0, 10_000, (byte) 1));
        return writes;
    }

    private static Map<String, Runnable> raw(Region region) {
        ByteBuffer bytes = region.buffer(0, 32_768);
        byte[] source = new byte[10_000];
        Map<String, Runnable> writes = new LinkedHashMap<>();
        writes.put("raw put", () -> bytes.putLong(64, 1));
        writes.put("raw bulk put", () -> bytes.put(0, source));
        writes.put("raw compareAndSet", () -> LONG.compareAndSet(bytes, 0, 0L, 1L));
        writes.put("raw getAndAdd", () -> LONG.getAndAdd(bytes, 4096, 1L));
        writes.put("raw loop", () -> {
            for (int i = 0; i < bytes.limit(); i += Long.BYTES) {
                bytes.putLong(i, i);
            }
        });
        return writes;
    }

    /** Until they are compiled. */
    static void warm(Region own) {
        Map<String, Runnable> all = byAccessor(own);
        all.putAll(raw(own));
        long end = System.nanoTime() + 500_000_000L;
        while (System.nanoTime() < end) {
            all.values().forEach(Runnable::run);
        }
    }

    /** On a region of another host that is well. */
    static void mustBeRefused(Region foreign) {
        byAccessor(foreign).forEach((name, write) -> expect(name, write, FaultCause.READ_ONLY, false));
        raw(foreign).forEach((name, write) -> expect(name, write, FaultCause.READ_ONLY, true));
    }

    /** On a region of another host that is out of reach, for whatever reason. */
    static void mustFailAtOnce(Region foreign) {
        byAccessor(foreign).forEach((name, write) -> expect(name, write, null, false));
    }

    /** On a region that has been deleted. */
    static void mustFail(Region deleted) throws InterruptedException {
        awaitDeletion(deleted);
        byAccessor(deleted).forEach((name, write) -> expect(name, write, FaultCause.UNKNOWN_REGION, false));
        raw(deleted).forEach((name, write) -> expect(name, write, FaultCause.UNKNOWN_REGION, true));
    }

    /** The daemon tells its programs after it has answered whoever deleted the region. */
    private static void awaitDeletion(Region deleted) throws InterruptedException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (System.nanoTime() - end < 0) {
            try {
                deleted.putByte(0, (byte) 1);
            } catch (PageFaultException e) {
                return;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("still writing to a deleted region");
    }

    private static void expect(String name, Runnable write, FaultCause cause, boolean late) {
        try {
            write.run();
            if (late) {
                Thread.sleep(10_000); // the exception of a raw access finds the thread here
            }
        } catch (PageFaultException e) {
            if (cause != null && e.faultCause() != cause) {
                throw new AssertionError(name + " failed with an odd cause", e);
            }
            return;
        } catch (InterruptedException e) {
            throw new AssertionError(name, e);
        }
        throw new AssertionError(name + " did not fail");
    }
}
