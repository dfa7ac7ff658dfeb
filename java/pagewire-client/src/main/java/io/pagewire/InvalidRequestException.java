package io.pagewire;

/**
 * A name, size, page size or other argument is not acceptable; the message says which and what is.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class InvalidRequestException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public InvalidRequestException(String message) {
        super(message);
    }
}
