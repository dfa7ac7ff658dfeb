package io.pagewire;

/**
 * The region is known but its contents are gone or its owner cannot be reached.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class RegionLostException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public RegionLostException(String message) {
        super(message);
    }
}
