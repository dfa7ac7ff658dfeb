package io.pagewire.system;

/**
 * What a program's command ended with instead of an answer: the exception's simple name, the cause of a page fault or "-",
 * its message.
 *
 * <p>Immutable; safe for use by any thread.
 */
final class AppFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String type;
    private final String cause;

    AppFailure(String type, String cause, String message) {
        super(type + " " + cause + " " + message);
        this.type = type;
        this.cause = cause;
    }

    String type() {
        return type;
    }

    /** A FaultCause name, or "-". */
    String cause() {
        return cause;
    }
}
