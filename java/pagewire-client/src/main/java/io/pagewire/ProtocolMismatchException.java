package io.pagewire;

/**
 * The library and the {@code dsmd} at the socket do not speak the same protocol, or the socket belongs to another program.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class ProtocolMismatchException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public ProtocolMismatchException(String message) {
        super(message);
    }
}
