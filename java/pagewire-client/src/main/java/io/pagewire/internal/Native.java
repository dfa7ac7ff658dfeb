package io.pagewire.internal;

import io.pagewire.Progress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Every C function that Java calls, in one place; the other half is {@code native/jni}. Handles are addresses of
 * {@code struct pw_client}, {@code pw_region}, {@code pw_writer} and {@code pw_reader}; whoever passes one makes sure that it
 * is open ({@link Gate}), except for the failure functions, for which C keeps a mapping's record for ever. Texts are UTF-8
 * bytes. Errors are thrown as {@link io.pagewire.PagewireException}, made by {@link Errors}.
 *
 * <p>Safe for use by any thread.
 */
public final class Native {
    static {
        NativeLibrary.load();
    }

    private Native() {}

    /** socket and program may be null. */
    public static native long connect(byte[] socket, byte[] program, int deadlineMs);

    public static native void disconnect(long client);

    public static native byte[] host(long client);

    public static native byte[] socket(long client);

    /** flags: REGION_ of LocalLayout. */
    public static native void create(long client, byte[] name, long size, int pageSize, int flags);

    /** progress may be null; what it throws ends the call. Gives the library's warning, or null. */
    public static native byte[] export(
            long client, byte[] name, byte[] path, int pageSize, int flags, Progress progress);

    public static native void delete(long client, byte[] name);

    /** flags: MAP_ of LocalLayout. progress may be null; what it throws ends the call. warning[0] is set if there is one. */
    public static native long map(
            long client, byte[] name, int flags, int periodMs, Progress progress, byte[][] warning);

    public static native byte[] query(long client, byte[] what);

    /** Ends the mapping; gives what {@link #awaitHome} waits for, which must be called once. */
    static native long unmap(long region);

    /**
     * Returns when what was written through the mapping is home. limitMs: 0 = as long as bytes get there. progress may be null;
     * what it throws ends the wait.
     */
    static native void awaitHome(long leave, int limitMs, Progress progress);

    static native long address(long region);

    static native long size(long region);

    static native int pageSize(long region);

    static native boolean isHome(long region);

    static native String engine(long region);

    static native ByteBuffer buffer(long address, long length);

    static native void prefetch(long region, long offset, long length, int access);

    static native long pin(long region, long offset, long length, int access, int holdMs);

    static native void unpin(long region, long pin);

    static native void force(long region, long offset, long length);

    static native long publish(long region);

    static native long refresh(long region);

    static native void stats(long region, long[] out);

    /** flags: STREAM_ of LocalLayout. 0 = the default of the library. warning[0] is set if there is one. */
    public static native long publishFrames(
            long client,
            byte[] name,
            long frameSize,
            int frames,
            int flags,
            int deadlineMs,
            int dropMs,
            byte[][] warning);

    /** flags: STREAM_ of LocalLayout. 0 = the default of the library. warning[0] is set if there is one. */
    public static native long subscribeFrames(
            long client, byte[] name, int frames, int flags, int waitMs, int deadlineMs, byte[][] warning);

    /** A new buffer over the whole window: capacity = frame size, big-endian as every new buffer. */
    public static native ByteBuffer writerWindow(long writer);

    /** As {@link #writerWindow}. A store into it would be a fault, so it must be handed out read-only. */
    public static native ByteBuffer readerWindow(long reader);

    public static native long writerAddress(long writer);

    public static native long readerAddress(long reader);

    /**
     * timeoutMs: -1 = the deadline. Gives 1 = swapped, or 0 = no frame was free within a timeout that is not -1. When none was
     * within the deadline, throws {@link io.pagewire.RequestTimeoutException} that says who holds them.
     */
    public static native int swap(long writer, long length, int timeoutMs);

    /** timeoutMs: -1 = the deadline. Gives 0, or throws {@link io.pagewire.RequestTimeoutException}. */
    public static native int drain(long writer, int timeoutMs);

    /**
     * timeoutMs: -1 = the deadline. Gives 1 = a new frame is in the window, and {@code frame} has its number, length, time in ns
     * and the number of frames skipped before it; 0 = the end of the stream. Throws {@link io.pagewire.RequestTimeoutException}
     * when none has come in time.
     */
    public static native int next(long reader, long[] frame, int timeoutMs);

    /** out: the eight numbers of struct pw_stream_stats, in its order. */
    public static native void writerStats(long writer, long[] out);

    /** out: the eight numbers of struct pw_stream_stats, in its order. */
    public static native void readerStats(long reader, long[] out);

    /** The window's address range has private memory of zeros afterwards, so that a buffer that was kept does no harm. */
    public static native void closeWriter(long writer);

    /** As {@link #closeWriter}, but the stream is not finished: its consumers get an error. */
    public static native void abandonWriter(long writer);

    /** As {@link #closeWriter}. */
    public static native void closeReader(long reader);

    /** Starts the thread that calls {@link Upcalls} until the region is unmapped. */
    static native void startEvents(long region);

    static native long failureWord(long region);

    /** 0 = fine, 1 = failed (record filled), 2 = failed, and the deliverer was first. */
    static native int failureCheck(long region, long offset, long length, long before, long[] record);

    static native boolean failureNext(long[] record, int timeoutMs);

    static native boolean failureClaim(long region, long id);

    /** True when an accessor or the deliverer has claimed it. */
    static native boolean failureClaimed(long region, long id);

    static native void failureRearm(long region, long id);

    /** Re-arms pages that failed this long ago; gives the number of failures that stay. */
    static native int failureExpire(long region, long ageNs);

    /** The id of the newest failure of this thread that is still remembered, else 0. */
    static native long failureNewest(long region, int kernelThread);

    /** Claims and re-arms everything that this thread has failed on. */
    static native void failureSettle(long region, int kernelThread);

    /** Measures on a platform thread, which must be the current one, how JNIEnv and thread structure lie to each other. */
    static native boolean calibrate(Thread current);

    static native Thread findThread(long ident, int kernelThread);

    /**
     * Makes the thread throw the exception at its next safepoint, and interrupts it. The thread is suspended meanwhile, so that
     * the exception stands for all it has failed on in these mappings; they are re-armed. Gives the ordinal of an Outcome.
     */
    static native int failureDeliver(Thread thread, Throwable exception, long[] record, long[] mappings, int flags);

    /** The interrupt flag of a platform thread, which Thread itself lets only the thread clear. */
    static native boolean isInterrupted(Thread thread);

    static native void clearInterrupt(Thread thread);

    /** True when JNA is loaded and in protected mode. */
    static native boolean jnaProtected();

    /** The text as C takes it. A zero character would cut it short, so it is refused. */
    public static byte[] text(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a name or path must not contain a zero character");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The text as C gave it. */
    public static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
