package io.pagewire;

/**
 * The region's owner refused the call setup (SPEC: V2); the message carries its reason.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class RegionRefusedException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public RegionRefusedException(String message) {
        super(message);
    }
}
