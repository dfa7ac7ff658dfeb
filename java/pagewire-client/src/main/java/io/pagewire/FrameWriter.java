package io.pagewire;

import io.pagewire.internal.StreamEnd;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The producer's end of a stream of frames (SPEC: V12). The program fills the {@link #window()} and calls {@link #swap()}: the
 * filled frame travels to every consumer, and the window shows another one at the same address. Nothing is copied or mapped for
 * that; page tables are moved. Made by {@link Pagewire#publishFrames}; the stream exists as long as this object.
 *
 * <pre>{@code
 * try (FrameWriter video = pagewire.publishFrames("video", FrameOptions.ofSize(8 << 20))) {
 *     while (camera.read(video.window()) > 0) {
 *         video.swap(video.window().position());
 *     }
 * }
 * }</pre>
 *
 * A thread that touches the window while another one swaps sees the frame before or the one after; what it stores is in the one
 * that travels, or in the next. (Before Linux 5.13 it waits for the end of the swap, and a system call that is given the window in
 * that moment may fail with {@code EFAULT}.)
 *
 * <p>A stream that {@link StreamLostException} was thrown for is over.
 *
 * <p>Meant for one thread at a time; calls of several wait for each other. {@link #close()} may be called by any thread. The
 * position and limit of the one {@link #window()} are shared by all that use it.
 */
public final class FrameWriter implements AutoCloseable {
    private static final int DEADLINE = -1;

    private final StreamEnd end;
    private final Consumer<FrameWriter> onClose;

    FrameWriter(StreamEnd end, Consumer<FrameWriter> onClose) {
        this.end = end;
        this.onClose = onClose;
    }

    /** The stream's name, unique in its directory. */
    public String name() {
        return end.name();
    }

    /**
     * The frame to fill: always the same buffer, in the byte order of the machine, its capacity the frame size. After each swap its
     * position is 0 and its limit the capacity, and its bytes are undefined: what an earlier frame had, or zeros. Once the writer
     * is closed, what is stored goes nowhere.
     */
    public ByteBuffer window() {
        return end.window();
    }

    /**
     * Where the window stands: the same address in the processes of every consumer, unless they say otherwise by
     * {@link FrameReader#warning()}.
     */
    public long address() {
        return end.address();
    }

    /** Bytes a frame may have. */
    public long frameSize() {
        return end.window().capacity();
    }

    /** {@link #swap(long)} with the whole frame in use. */
    public void swap() {
        swap(frameSize());
    }

    /**
     * Lets the frame in the window travel, once there is an empty one to take its place; waits for that up to
     * {@link FrameOptions#deadline()} (SPEC: V12).
     *
     * @param length bytes in use, from the first on; 0 to the frame size
     * @throws RequestTimeoutException when no frame became free; the message says who holds them. The window is as it was, and the
     *     call may be made again
     * @throws StreamLostException when the stream is over
     * @throws IllegalArgumentException when the length is not within the frame
     * @throws IllegalStateException when the writer is closed
     */
    public void swap(long length) {
        checkLength(length);
        end.swap(length, DEADLINE);
        end.window().clear();
    }

    /** {@link #trySwap(long, Duration)} with the whole frame in use. */
    public boolean trySwap(Duration timeout) {
        return trySwap(frameSize(), timeout);
    }

    /**
     * As {@link #swap(long)}, but waits no longer than this. From the first call that finds no frame free until there is one the
     * producer counts as held up, whether it is in a call or not, so consumers that are too slow are dropped also when it only
     * polls.
     *
     * @param timeout zero = not at all; rounded up to ms
     * @return false when no frame became free in time: the window is as it was
     * @throws StreamLostException when the stream is over
     * @throws IllegalArgumentException when the length is not within the frame, or the timeout is negative
     * @throws IllegalStateException when the writer is closed
     */
    public boolean trySwap(long length, Duration timeout) {
        checkLength(length);
        if (end.swap(length, StreamRanges.timeoutMs(timeout)) == 0) {
            return false;
        }
        end.window().clear();
        return true;
    }

    private void checkLength(long length) {
        if (length < 0 || length > frameSize()) {
            throw new IllegalArgumentException(
                    "length " + length + " is not between 0 and the frame size, " + frameSize());
        }
    }

    /**
     * Like {@link #drain(Duration)}, but takes as long as consumers get on: it fails when none has for the deadline of the
     * {@link FrameOptions}.
     */
    public void drain() {
        end.drain(-1);
    }

    /**
     * Returns when every consumer that does not skip ({@link SubscribeOptions#latest()}) has been given all frames that were
     * swapped; waits for a first consumer of whichever kind, too, unless {@link FrameOptions#discard()}.
     *
     * @param timeout rounded up to ms
     * @throws RequestTimeoutException when not all have them; the message says who is missing
     * @throws StreamLostException when the stream is over
     * @throws IllegalStateException when the writer is closed
     */
    public void drain(Duration timeout) {
        end.drain(StreamRanges.timeoutMs(timeout));
    }

    /** Counts since the stream was published. Waits for a call of another thread to end. IllegalStateException when closed. */
    public StreamStats stats() {
        long[] values = new long[StreamStats.FIELDS];
        end.writerStats(values);
        return StreamStats.of(values);
    }

    /** What went less well when the stream was published, in one line; empty when all went well. */
    public Optional<String> warning() {
        return end.warning();
    }

    /**
     * Finishes the stream: its consumers get what was swapped, then the end. Frames that were kept for a first consumer that never
     * came are lost; {@link #drain} first where that matters. A program that ends without this call gives its consumers a
     * {@link StreamLostException} instead, and so does {@link #abandon}. Waits for a call of another thread to end; such calls have
     * deadlines. Idempotent.
     */
    @Override
    public void close() {
        if (end.close()) {
            onClose.accept(this);
        }
    }

    /**
     * Closes the writer without finishing the stream, because what is to come will not come: its consumers get what was
     * swapped, then a {@link StreamLostException} with the cause PRODUCER_LOST. To be called before {@link #close}, which does
     * nothing afterwards:
     *
     * <pre>{@code
     * try (FrameWriter video = pagewire.publishFrames("video", FrameOptions.ofSize(8 << 20))) {
     *     try {
     *         film(video);
     *     } catch (IOException e) {
     *         video.abandon();
     *         throw e;
     *     }
     * }
     * }</pre>
     */
    public void abandon() {
        if (end.abandon()) {
            onClose.accept(this);
        }
    }

    @Override
    public String toString() {
        return "FrameWriter[" + name() + ", frames of " + frameSize() + " bytes at 0x" + Long.toHexString(address())
                + "]";
    }
}
