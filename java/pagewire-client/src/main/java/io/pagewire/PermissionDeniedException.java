package io.pagewire;

/**
 * The operation is not allowed here: only the owning host may delete a region, and a file must be readable to be exported.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class PermissionDeniedException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public PermissionDeniedException(String message) {
        super(message);
    }
}
