package io.pagewire.daemon;

import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.Reasons;
import java.io.IOException;

/**
 * Says in plain words that this process has no descriptor left: each region that it serves takes four, each mapping of a program
 * a few more.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Descriptors {
    private Descriptors() {}

    /** What to tell a program whose request failed in this way; {@code otherwise}: the status of any other error. */
    static RequestException explained(IOException failure, LocalStatus otherwise) {
        String text = Reasons.of(failure);
        return text.contains("Too many open files")
                ? new RequestException(
                        LocalStatus.LIMIT,
                        "this dsmd has no file descriptor left (" + text
                                + "); start it with a higher limit (ulimit -n, or"
                                + " LimitNOFILE= of its service), or unmap and delete regions that nobody needs")
                : new RequestException(otherwise, text);
    }
}
