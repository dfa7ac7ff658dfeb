package io.pagewire;

import io.pagewire.wire.LocalLayout;
import java.time.Duration;
import java.util.Objects;

/**
 * What the options of both ends of a stream may be.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class StreamRanges {
    static final Duration LEAST_DEADLINE = Duration.ofMillis(1);

    private static final Duration LONGEST = Duration.ofHours(1);

    private StreamRanges() {}

    static void frames(int frames) {
        if (frames < LocalLayout.LEAST_FRAMES || frames > LocalLayout.MOST_FRAMES) {
            throw new IllegalArgumentException("frames " + frames + " is not between " + LocalLayout.LEAST_FRAMES
                    + " and " + LocalLayout.MOST_FRAMES);
        }
    }

    static void time(String what, Duration time, Duration least) {
        Objects.requireNonNull(time, what);
        if (time.compareTo(least) < 0 || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(what + " " + time + " is not between " + least + " and " + LONGEST);
        }
    }

    /** How long one call may wait, in ms, rounded up so that a short wait does not become none. */
    static int timeoutMs(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout " + timeout + " is negative");
        }
        if (timeout.getSeconds() > Integer.MAX_VALUE / 1000 - 1) {
            return Integer.MAX_VALUE;
        }
        return (int) timeout.plusNanos(999_999).toMillis();
    }
}
