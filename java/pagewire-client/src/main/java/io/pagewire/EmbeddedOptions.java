package io.pagewire;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * A private {@code dsmd} for this program. Start from {@link #defaults()} and change what is needed.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param name the host name it announces, unique in its directory; null = one made from the process id
 * @param dataDirectory where it keeps its files; null = a temporary one that {@link Pagewire#close()} deletes
 * @param listen HOST:PORT for circuits; port 0 = any free one; default {@code 127.0.0.1:0}
 * @param directory {@code embedded[:PORT]} (default {@code embedded:0}: a directory of its own) or a list
 *     {@code HOST:PORT[,HOST:PORT…]} to join others
 * @param javaHome the JDK that runs it; null = the one that runs this program
 * @param startDeadline until it answers, 1 s to 1 hour; default 60 seconds
 */
public record EmbeddedOptions(
        String name, Path dataDirectory, String listen, String directory, Path javaHome, Duration startDeadline) {
    private static final EmbeddedOptions DEFAULTS =
            new EmbeddedOptions(null, null, "127.0.0.1:0", "embedded:0", null, Duration.ofSeconds(60));

    /** Checks the ranges; IllegalArgumentException says which value is out of range. */
    public EmbeddedOptions {
        Objects.requireNonNull(listen, "listen");
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(startDeadline, "startDeadline");
        if (startDeadline.toSeconds() < 1 || startDeadline.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("startDeadline " + startDeadline + " is not between 1 s and 1 h");
        }
    }

    /** A host of its own with a directory of its own and temporary data. */
    public static EmbeddedOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another host name. */
    public EmbeddedOptions withName(String value) {
        return new EmbeddedOptions(value, dataDirectory, listen, directory, javaHome, startDeadline);
    }

    /** The same with data that is kept in a directory of the caller. */
    public EmbeddedOptions withDataDirectory(Path value) {
        return new EmbeddedOptions(name, value, listen, directory, javaHome, startDeadline);
    }

    /** The same with another address for circuits. */
    public EmbeddedOptions withListen(String value) {
        return new EmbeddedOptions(name, dataDirectory, value, directory, javaHome, startDeadline);
    }

    /** The same with another directory. */
    public EmbeddedOptions withDirectory(String value) {
        return new EmbeddedOptions(name, dataDirectory, listen, value, javaHome, startDeadline);
    }

    /** The same with another JDK for the daemon. */
    public EmbeddedOptions withJavaHome(Path value) {
        return new EmbeddedOptions(name, dataDirectory, listen, directory, value, startDeadline);
    }

    /** The same with another start deadline. */
    public EmbeddedOptions withStartDeadline(Duration value) {
        return new EmbeddedOptions(name, dataDirectory, listen, directory, javaHome, value);
    }
}
