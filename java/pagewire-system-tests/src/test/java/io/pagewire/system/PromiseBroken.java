package io.pagewire.system;

/**
 * Somebody read a value that was older than a completed store, or was given a frame that is torn, comes twice, too early or too
 * late. A type of its own, so that nobody takes it for a test that has waited too long.
 *
 * <p>Immutable; safe for use by any thread.
 */
final class PromiseBroken extends AssertionError {
    private static final long serialVersionUID = 1;

    PromiseBroken(String what) {
        super(what);
    }
}
