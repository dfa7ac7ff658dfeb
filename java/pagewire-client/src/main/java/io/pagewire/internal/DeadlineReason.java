package io.pagewire.internal;

import io.pagewire.wire.FaultCause;

/**
 * What was waited for when a fault failed with {@link FaultCause#DEADLINE}: the daemon gives up for want of the page, the library
 * for want of an answer, a line or a lease. The codes are those of {@code enum pw_reason}.
 *
 * <p>Immutable; safe for use by any thread.
 */
enum DeadlineReason {
    NO_PAGE(0, "dsmd on this host could not get the page"),
    NO_ANSWER(1, "dsmd on this host did not answer itself: it is stopped, or the machine is too busy"),
    NO_LINE(2, "the thread waited for a fault line, and no other thread was given a page meanwhile"),
    LEASE_OVER(3, "dsmd on this host answers, but its lease is over and is not renewed"),
    NOT_FILLED(4, "the preloaded mapping is being filled again after a restart of dsmd");

    private final int code;
    private final String text;

    DeadlineReason(int code, String text) {
        this.code = code;
        this.text = text;
    }

    int code() {
        return code;
    }

    /** Text to go behind that of the cause; empty for another cause than DEADLINE. */
    static String text(int cause, int reason) {
        if (cause != FaultCause.DEADLINE.code()) {
            return "";
        }
        for (DeadlineReason known : values()) {
            if (known.code == reason) {
                return " (" + known.text + ")";
            }
        }
        return "";
    }
}
