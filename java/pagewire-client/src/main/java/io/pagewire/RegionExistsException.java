package io.pagewire;

/**
 * A region of this name exists already; names are unique over all hosts of a directory.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class RegionExistsException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public RegionExistsException(String message) {
        super(message);
    }
}
