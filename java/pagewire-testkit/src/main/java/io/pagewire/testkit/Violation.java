package io.pagewire.testkit;

/**
 * The system under test broke a promise. The message says which, where and when.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Violation(String message) {
        super(message);
    }

    public Violation(String message, Throwable cause) {
        super(message, cause);
    }
}
