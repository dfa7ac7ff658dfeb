package io.pagewire.system;

import io.pagewire.Frame;
import io.pagewire.FrameReader;
import io.pagewire.StreamStats;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A consumer that demands what a stream promises of every frame: whole when it comes and for as long as it is looked at, newer
 * than the one before, and either the next one (lossless) or as far from the last one as the count of skipped ones says (latest).
 *
 * <p>For use by one thread at a time.
 */
final class StreamConsumer {
    private final FrameReader reader;
    private final boolean latest;
    private final SplittableRandom random = new SplittableRandom(System.nanoTime());
    private Frame last;
    private long first;
    private volatile long seen;
    private long skipped;
    private long bytes;

    StreamConsumer(FrameReader reader, boolean latest) {
        this.reader = reader;
        this.latest = latest;
    }

    /** Frames taken; may be asked by any thread. */
    long seen() {
        return seen;
    }

    FrameReader reader() {
        return reader;
    }

    /**
     * Takes so many frames (0 = all), each of which it looks at twice with a random pause of up to so many ms between; says "seen
     * first last skipped end|more".
     */
    String take(long count, int pauseMs) throws InterruptedException {
        boolean end = false;
        for (long i = 0; !end && (count == 0 || i < count); i++) {
            end = !one(reader.next());
            if (!end && pauseMs > 0 && random.nextBoolean()) {
                Thread.sleep(random.nextInt(pauseMs + 1));
                checkWindow();
            }
        }
        StreamStats stats = reader.stats();
        demand(stats.frames() == seen, "it counts " + stats.frames() + " frames, " + seen + " were seen");
        demand(stats.skipped() == skipped, "it counts " + stats.skipped() + " as skipped, frames said " + skipped);
        demand(stats.bytes() == bytes, "it counts " + stats.bytes() + " bytes, frames had " + bytes);
        return seen + " " + first + " " + (last == null ? 0 : last.number()) + " " + skipped + " "
                + (end ? "end" : "more");
    }

    /** One frame if it comes in time: "number length skipped", or "end". */
    String takeOne(long timeoutMs) {
        return one(reader.next(Duration.ofMillis(timeoutMs)))
                ? last.number() + " " + last.length() + " " + last.skipped()
                : "end";
    }

    private boolean one(Optional<Frame> next) {
        if (next.isEmpty()) {
            return false;
        }
        Frame frame = next.get();
        if (last == null) {
            first = frame.number();
            demand(frame.skipped() == 0, "the first frame, " + frame + ", says that some were skipped");
        } else {
            demand(frame.number() > last.number(), frame + " comes after " + last);
            demand(
                    frame.skipped() == frame.number() - last.number() - 1,
                    frame + " comes after " + last + " and miscounts");
            demand(latest || frame.skipped() == 0, frame + " comes after " + last + " in a lossless stream");
        }
        Duration age = Duration.between(frame.time(), Instant.now()).abs();
        demand(age.compareTo(Duration.ofHours(1)) < 0, frame + " was not swapped by the clock of this machine");
        last = frame;
        seen = seen + 1;
        skipped += frame.skipped();
        bytes += frame.length();
        checkWindow();
        return true;
    }

    /** The frame taken last must still stand in the window. */
    void checkWindow() {
        ByteBuffer window = reader.window();
        demand(window.position() == 0 && window.limit() == last.length(), "the window is " + window);
        String problem = CheckedFrames.problem(window, last.number(), last.length());
        demand(problem == null, problem);
        demand(
                last.length() == CheckedFrames.length(last.number(), window.capacity()),
                last + " has not the length that it had");
    }

    private void demand(boolean holds, String complaint) {
        if (!holds) {
            throw new PromiseBroken("stream " + reader.name() + ": " + complaint);
        }
    }
}
