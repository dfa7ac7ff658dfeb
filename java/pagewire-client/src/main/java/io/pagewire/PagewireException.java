package io.pagewire;

/**
 * What every failure of this library is. The message is one line that says what is wrong, where, and what to do. Thrown as
 * itself only for errors that have no class of their own.
 *
 * <p>Immutable; safe for use by any thread.
 */
public class PagewireException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public PagewireException(String message) {
        super(message);
    }

    /** The same with the failure that led to it. */
    public PagewireException(String message, Throwable cause) {
        super(message, cause);
    }
}
