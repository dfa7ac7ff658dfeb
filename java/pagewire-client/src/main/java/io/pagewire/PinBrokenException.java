package io.pagewire;

/**
 * A pin had to be given up before it was closed, because another host needed the pages and the hold time was over. What was
 * done to the pages by system calls in the meantime may have missed newer contents.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class PinBrokenException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public PinBrokenException(String message) {
        super(message);
    }
}
