package io.pagewire;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How to connect to the {@code dsmd} of this host. Start from {@link #defaults()} and change what is needed.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param socket the socket of dsmd; null = {@code $PAGEWIRE_SOCKET}, else the per-user default that dsmd uses too
 * @param program the name that {@code dsmctl status} shows; null = the process name; at most 255 bytes of UTF-8
 * @param deadline how long dsmd may be silent while it is connected to or asked, 1 ms to 1 hour; default 5 seconds. A dsmd that is
 *     at work says so ten times a second, and its own deadlines ({@code deadlines.directory-operation-ms}) end the request
 */
public record ConnectOptions(Path socket, String program, Duration deadline) {
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final ConnectOptions DEFAULTS = new ConnectOptions(null, null, Duration.ofSeconds(5));

    /** Checks the ranges; IllegalArgumentException says which value is out of range. */
    public ConnectOptions {
        Objects.requireNonNull(deadline, "deadline");
        if (deadline.toMillis() < 1 || deadline.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("deadline " + deadline + " is not between 1 ms and " + LONGEST);
        }
    }

    /** The default socket, the process name, 5 seconds. */
    public static ConnectOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another socket. */
    public ConnectOptions withSocket(Path value) {
        return new ConnectOptions(value, program, deadline);
    }

    /** The same with another program name. */
    public ConnectOptions withProgram(String value) {
        return new ConnectOptions(socket, value, deadline);
    }

    /** The same with another deadline. */
    public ConnectOptions withDeadline(Duration value) {
        return new ConnectOptions(socket, program, value);
    }
}
