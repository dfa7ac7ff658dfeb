package io.pagewire;

import io.pagewire.internal.StreamEnd;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A consumer's end of a stream of frames (SPEC: V12). {@link #next()} swaps the next frame into the {@link #window()}, at the same
 * address each time; nothing is copied for that on this host. Made by {@link Pagewire#subscribeFrames}.
 *
 * <pre>{@code
 * try (FrameReader video = pagewire.subscribeFrames("video")) {
 *     for (Optional<Frame> frame = video.next(); frame.isPresent(); frame = video.next()) {
 *         show(frame.get().number(), video.window());
 *     }
 * }
 * }</pre>
 *
 * A frame is whole, comes once and in order. It stays in the window until the next one has come, also while {@link #next()} waits,
 * and when the stream has ended. Calling {@link #next()} says that the frame before is finished with; only then does it not hold
 * the producer up any more. A consumer that holds a waiting producer up for longer than {@link FrameOptions#dropAfter()} is
 * dropped; one that subscribed with {@link SubscribeOptions#latest()} skips frames instead.
 *
 * <p>Meant for one thread at a time; calls of several wait for each other. {@link #close()} may be called by any thread. The
 * position and limit of the one {@link #window()} are shared by all that use it.
 */
public final class FrameReader implements AutoCloseable {
    private static final int DEADLINE = -1;

    private final StreamEnd end;
    private final Consumer<FrameReader> onClose;

    FrameReader(StreamEnd end, Consumer<FrameReader> onClose) {
        this.end = end;
        this.onClose = onClose;
        end.window().limit(0); // no frame is there yet
    }

    /** The stream's name, unique in its directory. */
    public String name() {
        return end.name();
    }

    /**
     * The frame that came last: always the same buffer, read-only, in the byte order of the machine, its capacity the frame size.
     * {@link #next()} sets its position to 0 and its limit to the bytes in use; before the first frame the limit is 0. Once the
     * reader is closed it shows zeros.
     */
    public ByteBuffer window() {
        return end.window();
    }

    /**
     * Where the window stands: the same address in every process of the stream; {@link #warning()} says so where it is another one,
     * because this process has a window of the stream already.
     */
    public long address() {
        return end.address();
    }

    /** Bytes a frame may have. */
    public long frameSize() {
        return end.window().capacity();
    }

    /**
     * {@link #next(Duration)} with {@link SubscribeOptions#deadline()}.
     *
     * @return empty at the end of the stream
     */
    public Optional<Frame> next() {
        return take(DEADLINE);
    }

    /**
     * Waits for the next frame, or with {@link SubscribeOptions#latest()} for one that is newer than the frame before, and swaps it
     * into the window.
     *
     * @param timeout zero = do not wait; rounded up to ms
     * @return empty at the end of the stream: its producer has finished it
     * @throws RequestTimeoutException when none has come in time; the call may be made again
     * @throws StreamLostException when the stream is over without having been finished, or for this consumer alone
     * @throws IllegalArgumentException when the timeout is negative
     * @throws IllegalStateException when the reader is closed
     */
    public Optional<Frame> next(Duration timeout) {
        return take(StreamRanges.timeoutMs(timeout));
    }

    private Optional<Frame> take(int timeoutMs) {
        long[] fields = new long[Frame.FIELDS];
        if (end.next(fields, timeoutMs) == 0) {
            return Optional.empty();
        }
        Frame frame = Frame.of(fields);
        end.window().clear().limit(frame.length());
        return Optional.of(frame);
    }

    /** Counts since the subscription. Waits for a call of another thread to end. IllegalStateException when closed. */
    public StreamStats stats() {
        long[] values = new long[StreamStats.FIELDS];
        end.readerStats(values);
        return StreamStats.of(values);
    }

    /** What went less well when the stream was subscribed to, in one line: that the window stands at another address. */
    public Optional<String> warning() {
        return end.warning();
    }

    /**
     * Ends the subscription; the stream goes on for others. A call of {@link #next()} that waits in another thread is waited for,
     * up to its deadline; later ones throw {@link IllegalStateException}. Idempotent.
     */
    @Override
    public void close() {
        if (end.close()) {
            onClose.accept(this);
        }
    }

    @Override
    public String toString() {
        return "FrameReader[" + name() + ", frames of " + frameSize() + " bytes at 0x" + Long.toHexString(address())
                + "]";
    }
}
