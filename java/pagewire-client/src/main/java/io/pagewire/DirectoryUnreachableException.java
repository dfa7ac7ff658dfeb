package io.pagewire;

/**
 * The directory (the name server, SPEC: V13) does not answer the local {@code dsmd}.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class DirectoryUnreachableException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public DirectoryUnreachableException(String message) {
        super(message);
    }
}
