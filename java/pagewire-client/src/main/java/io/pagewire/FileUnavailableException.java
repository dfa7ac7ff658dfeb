package io.pagewire;

/**
 * The file of an exported region is missing, is no regular file, or cannot be read or written.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class FileUnavailableException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public FileUnavailableException(String message) {
        super(message);
    }
}
