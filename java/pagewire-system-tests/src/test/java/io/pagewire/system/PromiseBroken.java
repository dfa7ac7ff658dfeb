package io.pagewire.system;

/**
 * Somebody read a value that was older than a completed store, or was given a frame that is torn, comes twice, too early or too
 * late. Other failures of a system test may come from a machine that stood still and are tried again; {@code tools/test} counts this one however often the test passes afterwards.
 *
 * <p>Immutable; safe for use by any thread.
 */
final class PromiseBroken extends AssertionError {
    private static final long serialVersionUID = 1;

    PromiseBroken(String what) {
        super(what);
    }
}
