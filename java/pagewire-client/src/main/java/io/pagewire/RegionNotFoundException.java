package io.pagewire;

/**
 * No region of this name is known to the directory.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class RegionNotFoundException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public RegionNotFoundException(String message) {
        super(message);
    }
}
