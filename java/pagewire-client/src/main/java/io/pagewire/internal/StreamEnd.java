package io.pagewire.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.ToIntFunction;

/**
 * One end of a stream as the C library knows it: its handle and its window. The C functions let one thread at a time in, so
 * callers take turns, in their order (a waiting consumer must not lock out who asks for counts); closing waits for the one that is inside, and those that wait for their turn then find it closed.
 *
 * <p>Safe for use by any thread.
 */
public final class StreamEnd {
    private final Gate gate = new Gate();
    private final Turn turn = new Turn();
    private final long handle;
    private final String what;
    private final String name;
    private final long address;
    private final ByteBuffer window;
    private final Optional<String> warning;
    private final LongConsumer closer;
    private volatile boolean closing;

    private StreamEnd(
            long handle,
            String what,
            String name,
            long address,
            ByteBuffer window,
            Optional<String> warning,
            LongConsumer closer) {
        this.handle = handle;
        this.what = what;
        this.name = name;
        this.address = address;
        this.window = window.order(ByteOrder.nativeOrder());
        this.warning = warning;
        this.closer = closer;
    }

    /** handle: of a {@code struct pw_writer} that belongs to this object from now on. */
    static StreamEnd writer(long handle, String name, Optional<String> warning) {
        return new StreamEnd(
                handle,
                "writer",
                name,
                Native.writerAddress(handle),
                Native.writerWindow(handle),
                warning,
                Native::closeWriter);
    }

    /** handle: of a {@code struct pw_reader} that belongs to this object from now on. */
    static StreamEnd reader(long handle, String name, Optional<String> warning) {
        return new StreamEnd(
                handle,
                "reader",
                name,
                Native.readerAddress(handle),
                Native.readerWindow(handle).asReadOnlyBuffer(),
                warning,
                Native::closeReader);
    }

    public String name() {
        return name;
    }

    public long address() {
        return address;
    }

    /** Always the same object, in the byte order of the machine unless somebody has changed that. */
    public ByteBuffer window() {
        return window;
    }

    public Optional<String> warning() {
        return warning;
    }

    /** Gives 1 = swapped, 0 = no frame was free within a timeout that is not -1, the deadline. */
    public int swap(long length, int timeoutMs) {
        return inTurn(h -> Native.swap(h, length, timeoutMs));
    }

    public void drain(int timeoutMs) {
        inTurn(h -> Native.drain(h, timeoutMs));
    }

    /** Gives 1 = there is a new frame and {@code frame} has its fields, 0 = the end of the stream. */
    public int next(long[] frame, int timeoutMs) {
        return inTurn(h -> Native.next(h, frame, timeoutMs));
    }

    public void writerStats(long[] out) {
        inTurn(h -> {
            Native.writerStats(h, out);
            return 0;
        });
    }

    public void readerStats(long[] out) {
        inTurn(h -> {
            Native.readerStats(h, out);
            return 0;
        });
    }

    private int inTurn(ToIntFunction<Long> call) {
        if (closing || !gate.enter()) {
            throw closed();
        }
        try {
            turn.take();
            try {
                if (closing) {
                    throw closed();
                }
                return call.applyAsInt(handle);
            } finally {
                turn.give();
            }
        } finally {
            gate.leave();
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException("the " + what + " of stream '" + name + "' is closed");
    }

    /** Closes it once no call is inside; true for the call that did. */
    public boolean close() {
        return close(closer);
    }

    /** Closes a writer without finishing its stream; otherwise as {@link #close}. */
    public boolean abandon() {
        return close(Native::abandonWriter);
    }

    private boolean close(LongConsumer how) {
        closing = true;
        return gate.close(() -> how.accept(handle));
    }
}
