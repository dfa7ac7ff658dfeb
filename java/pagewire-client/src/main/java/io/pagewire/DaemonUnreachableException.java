package io.pagewire;

/**
 * There is no {@code dsmd} at the socket, or it went away in the middle of a request.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class DaemonUnreachableException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public DaemonUnreachableException(String message) {
        super(message);
    }
}
