package io.pagewire.system;

import java.nio.ByteBuffer;

/**
 * Frames in which every byte follows from the frame's number, so that one which is torn, comes twice, too early or too late is
 * seen at once. {@code checked_frames.h} says the same in C.
 *
 * <pre>
 *   0  u64  number
 *   8  u64  mix(number * FACTOR + 1), 16: mix(number * FACTOR + 2), ... to the end; a part of a word at the end, low bytes first
 * </pre>
 *
 * <p>Stateless; safe for use by any thread.
 */
final class CheckedFrames {
    private static final long FACTOR = 0x100000001b3L;

    private CheckedFrames() {}

    /** Bytes that the frame of this number uses: every fourth one all, others any number from 0. */
    static int length(long number, int frameSize) {
        return number % 4 == 1 ? frameSize : (int) Long.remainderUnsigned(mix(number), frameSize + 1L);
    }

    static void fill(ByteBuffer window, long number, int length) {
        int whole = length & ~7;
        for (int at = 0; at < whole; at += 8) {
            window.putLong(at, word(number, at));
        }
        for (int at = whole; at < length; at++) {
            window.put(at, tail(number, whole, at));
        }
    }

    /** Null, or what is wrong with the frame. */
    static String problem(ByteBuffer window, long number, int length) {
        int whole = length & ~7;
        for (int at = 0; at < whole; at += 8) {
            if (window.getLong(at) != word(number, at)) {
                return "frame " + number + " of " + length + " bytes, which begins with number " + window.getLong(0)
                        + ", is not whole at byte " + at;
            }
        }
        for (int at = whole; at < length; at++) {
            if (window.get(at) != tail(number, whole, at)) {
                return "frame " + number + " of " + length + " bytes is not whole at its end, byte " + at;
            }
        }
        return null;
    }

    private static byte tail(long number, int whole, int at) {
        return (byte) (word(number, whole) >>> (8 * (at - whole)));
    }

    private static long word(long number, int at) {
        return at == 0 ? number : mix(number * FACTOR + at / 8);
    }

    private static long mix(long x) {
        long product = (x ^ (x >>> 31)) * 0x9e3779b97f4a7c15L;
        return product ^ (product >>> 29);
    }
}
