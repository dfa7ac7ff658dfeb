package io.pagewire.system.jvm;

import io.pagewire.Access;
import io.pagewire.Region;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;

/**
 * Ways to read memory that the JVM compiles or implements differently. Each gives a number that depends on every byte it read,
 * so that zeros in the place of data show.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class FailureOperations {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** One way. region is null when the same is done to ordinary memory, to know what must come out. */
    interface Read {
        long run(Region region, long offset, ByteBuffer bytes);
    }

    /** raw: reads through a buffer, so that a failure reaches the thread by way of the deliverer. */
    record Operation(String name, boolean raw, Read read) {}

    private FailureOperations() {}

    static List<Operation> all() {
        List<Operation> all = new ArrayList<>();
        all.add(new Operation("accessor-get", false, FailureOperations::accessorLoop));
        all.add(new Operation("accessor-volatile", false, FailureOperations::volatileLoop));
        all.add(new Operation("accessor-bulk", false, FailureOperations::accessorBulk));
        all.add(new Operation("prefetch", false, FailureOperations::prefetched));
        all.add(new Operation("crc32", true, (region, offset, bytes) -> {
            CRC32 crc = new CRC32();
            crc.update(bytes.duplicate());
            return crc.getValue();
        }));
        all.add(new Operation("crc32c", true, (region, offset, bytes) -> {
            CRC32C crc = new CRC32C();
            crc.update(bytes.duplicate());
            return crc.getValue();
        }));
        all.add(new Operation("adler32", true, (region, offset, bytes) -> {
            Adler32 adler = new Adler32();
            adler.update(bytes.duplicate());
            return adler.getValue();
        }));
        all.add(new Operation("deflate", true, FailureOperations::deflate));
        all.add(new Operation("bulk-copy", true, (region, offset, bytes) -> {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(bytes.position(), copy);
            return sum(ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()));
        }));
        all.add(new Operation("copy-memory", true, (region, offset, bytes) -> {
            ByteBuffer copy = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.nativeOrder());
            copy.put(bytes.duplicate()).flip();
            return sum(copy);
        }));
        all.add(new Operation("long-loop", true, (region, offset, bytes) -> sum(bytes)));
        all.add(new Operation("byte-loop", true, FailureOperations::byteLoop));
        all.add(new Operation("varhandle-loop", true, FailureOperations::varHandleLoop));
        all.add(new Operation("mismatch", true, FailureOperations::mismatch));
        return all;
    }

    private static long accessorLoop(Region region, long offset, ByteBuffer bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.limit(); i += Long.BYTES) {
            sum = sum * 31 + (region == null ? bytes.getLong(i) : region.getLong(offset + i));
        }
        return sum;
    }

    private static long volatileLoop(Region region, long offset, ByteBuffer bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.limit(); i += Long.BYTES) {
            sum = sum * 31 + (region == null ? bytes.getLong(i) : region.getLongVolatile(offset + i));
        }
        return sum;
    }

    private static long accessorBulk(Region region, long offset, ByteBuffer bytes) {
        byte[] copy = new byte[bytes.limit()];
        if (region == null) {
            bytes.get(0, copy);
        } else {
            region.get(offset, copy, 0, copy.length);
        }
        return sum(ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()));
    }

    private static long prefetched(Region region, long offset, ByteBuffer bytes) {
        if (region != null) {
            region.prefetch(offset, bytes.limit(), Access.READ);
        }
        return accessorLoop(region, offset, bytes);
    }

    private static long deflate(Region region, long offset, ByteBuffer bytes) {
        Deflater deflater = new Deflater(1);
        try {
            deflater.setInput(bytes.duplicate());
            deflater.finish();
            CRC32 crc = new CRC32();
            byte[] out = new byte[1 << 16];
            for (int n; (n = deflater.deflate(out)) > 0; ) {
                crc.update(out, 0, n);
            }
            return crc.getValue();
        } finally {
            deflater.end();
        }
    }

    private static long sum(ByteBuffer bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.limit(); i += Long.BYTES) {
            sum = sum * 31 + bytes.getLong(i);
        }
        return sum;
    }

    private static long byteLoop(Region region, long offset, ByteBuffer bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.limit(); i++) {
            sum += bytes.get(i) * (long) (i | 1);
        }
        return sum;
    }

    private static long varHandleLoop(Region region, long offset, ByteBuffer bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.limit(); i += Long.BYTES) {
            sum = sum * 31 + (long) LONG.getAcquire(bytes, i);
        }
        return sum;
    }

    /** Vectorised comparison of the first half with the second; random content differs at once, so each page is compared. */
    private static long mismatch(Region region, long offset, ByteBuffer bytes) {
        long sum = 0;
        int half = bytes.limit() / 2;
        for (int at = 0; at < half; at += 4096) {
            ByteBuffer left = bytes.slice(at, 4096);
            ByteBuffer right = bytes.slice(half + at, 4096);
            sum = sum * 31 + left.mismatch(right) + left.hashCode() + right.compareTo(left);
        }
        return sum;
    }
}
