package io.pagewire;

/**
 * Memory, descriptors, disk space or one of the library's own bounded tables has run out; the message says which.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class ResourceExhaustedException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public ResourceExhaustedException(String message) {
        super(message);
    }
}
