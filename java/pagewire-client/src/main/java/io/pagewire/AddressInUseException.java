package io.pagewire;

/**
 * Something else stands in this process where the region must stand: every region has the same address in every process
 * (SPEC: V15, O1). The message names what is there.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class AddressInUseException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public AddressInUseException(String message) {
        super(message);
    }
}
