package io.pagewire.testkit.chaos;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file beside the region in which the programs say what they do; {@code native/chaos/records.h} has its layout.
 *
 * <p>Safe for use by any thread.
 */
final class Clock {
    private static final int COMPLETED = 16;
    private static final int CELLS = 64;
    private static final int CELL = 64;
    private static final int MOST_CELLS = 32;

    /** Positions in a cell. */
    private static final int READS = 8;

    private static final int FAILURES = 16;
    private static final int BUSY = 24;
    private static final int SINCE = 32;
    private static final int NEWEST = 48;

    /** What the stream's programs say, behind the cells. */
    private static final int STREAMING = CELLS + MOST_CELLS * CELL;

    private static final int SENT = STREAMING + 16;
    private static final int SEEN = STREAMING + 24;
    private static final int SKIPPED = STREAMING + 32;
    private static final int ENDS = STREAMING + 40;
    private static final int DROPS = STREAMING + 48;
    private static final int LOSSES = STREAMING + 56;
    private static final int BYTES = STREAMING + 64;

    private final MappedByteBuffer bytes;

    Clock(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES);
            bytes.order(ByteOrder.nativeOrder());
        }
    }

    /** Highest number of which all stores are complete. */
    long completed() {
        return bytes.getLong(COMPLETED);
    }

    /** Records read, or written, by the program of this cell since it started. */
    long done(int cell) {
        return at(cell, READS);
    }

    long failures(int cell) {
        return at(cell, FAILURES);
    }

    long busy(int cell) {
        return at(cell, BUSY);
    }

    /** When the attempt under way began, as {@link System#nanoTime}; 0 when there is none. */
    long sinceNs(int cell) {
        return at(cell, SINCE);
    }

    long newest(int cell) {
        return at(cell, NEWEST);
    }

    /** Frames swapped, seen whole and in order by all consumers, skipped by those of the newest; what consumers were told. */
    Frames frames() {
        return new Frames(
                bytes.getLong(SENT),
                bytes.getLong(SEEN),
                bytes.getLong(SKIPPED),
                bytes.getLong(ENDS),
                bytes.getLong(DROPS),
                bytes.getLong(LOSSES));
    }

    /**
     * Counts of the stream of frames.
     *
     * @param ends times that a consumer was told the end
     * @param drops ... that it was dropped
     * @param losses ... that the producer, its host or the consumer's own dsmd was lost
     */
    record Frames(long sent, long seen, long skipped, long ends, long drops, long losses) {}

    private long at(int cell, int offset) {
        return bytes.getLong(CELLS + cell * CELL + offset);
    }
}
