package io.pagewire.daemon.directory;

/**
 * The data of a node that nothing may act on; the message says what is wrong with it.
 *
 * <p>Immutable; safe for use by any thread.
 */
final class BadNode extends Exception {
    private static final long serialVersionUID = 1L;

    BadNode(String reason) {
        super(reason);
    }
}
