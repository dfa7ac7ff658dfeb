package io.pagewire.daemon.stream;

import java.util.ArrayDeque;

/**
 * What a host may still receive of a stream, and how far it has come: the slots it has been given, in order, and the last frame
 * that came whole. Lives as long as the stream here, over all its circuits.
 *
 * <p>Belongs to the stream's event loop.
 */
final class Intake {
    private final long frameSize;
    private final boolean latest;
    private final ArrayDeque<Integer> given = new ArrayDeque<>();
    private long last;

    Intake(long frameSize, boolean latest) {
        this.frameSize = frameSize;
        this.latest = latest;
    }

    void give(int slot) {
        given.add(slot);
    }

    /** Slots that can be filled. */
    int given() {
        return given.size();
    }

    /** The slot that is filled next. */
    int slot() {
        return given.element();
    }

    /** The number of the last frame that came whole, 0 = none yet. */
    long last() {
        return last;
    }

    /** Null, or why a frame with this number and length cannot come now. */
    String problem(long number, long used) {
        if (number <= last) {
            return "FRAME " + number + " after frame " + last;
        }
        if (!latest && last != 0 && number != last + 1) {
            return "FRAME " + number + " after frame " + last + " of a lossless stream";
        }
        if (used < 0 || used > frameSize) {
            return "FRAME of " + used + " bytes; the stream's frames have " + frameSize;
        }
        return given.isEmpty() ? "FRAME " + number + " without a slot for it" : null;
    }

    /** Null, or why the stream cannot end with this frame. */
    String problemAtEnd(long number) {
        boolean possible = latest || last == 0 ? number >= last : number == last;
        return possible ? null : "ENDED with frame " + number + " after frame " + last;
    }

    /** The frame has come into {@link #slot()}, which is returned. */
    int whole(long number) {
        last = number;
        return given.remove();
    }
}
