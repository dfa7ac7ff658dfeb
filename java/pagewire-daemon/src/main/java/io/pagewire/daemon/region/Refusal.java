package io.pagewire.daemon.region;

import io.pagewire.wire.FaultCause;

/**
 * Why a call is refused. {@code ownerIsStale}: the call proves that a later owner exists.
 *
 * <p>Immutable; safe for use by any thread.
 */
record Refusal(FaultCause cause, String text, boolean ownerIsStale) {
    static Refusal of(FaultCause cause, String text) {
        return new Refusal(cause, text, false);
    }
}
