package io.pagewire.daemon;

import io.pagewire.wire.LocalStatus;

/**
 * A request that cannot be served, for a reason the user is told: the message is one line that says what is wrong and what to
 * do.
 *
 * <p>Immutable; safe for use by any thread.
 */
final class RequestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final LocalStatus status;

    RequestException(LocalStatus status, String message) {
        super(message);
        this.status = status;
    }

    LocalStatus status() {
        return status;
    }
}
