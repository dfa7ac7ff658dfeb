package io.pagewire;

/**
 * The region is mapped in this process already, or another operation on it has not ended. One process maps a region once.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class RegionBusyException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public RegionBusyException(String message) {
        super(message);
    }
}
