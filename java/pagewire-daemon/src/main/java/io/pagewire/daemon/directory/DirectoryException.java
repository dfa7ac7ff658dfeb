package io.pagewire.daemon.directory;

/**
 * An operation on the directory that failed; the message names what was tried, where, and what to do.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class DirectoryException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What went wrong, for the program; the message is for people. */
    public enum Kind {
        UNKNOWN_REGION,
        EXISTS,
        UNREACHABLE,
        NO_OWNER,
        OWNED,
        HOST_TAKEN,
        INVALID,
        TIMEOUT
    }

    private final Kind kind;

    public DirectoryException(Kind kind, String message) {
        this(kind, message, null);
    }

    public DirectoryException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
