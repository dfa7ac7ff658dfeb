package io.pagewire;

/**
 * No sign of life came within the deadline of the request (see {@link ConnectOptions#deadline()}).
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class RequestTimeoutException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public RequestTimeoutException(String message) {
        super(message);
    }
}
