package io.pagewire.internal;

import io.pagewire.wire.FaultCause;

/**
 * What was waited for when a fault failed with {@link FaultCause#DEADLINE}: the daemon gives up for want of the page, the library for
 * want of an answer. The numbers are those of {@code enum pw_reason}.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class DeadlineReason {
    private DeadlineReason() {}

    /** Text to go behind that of the cause; empty for another cause than DEADLINE. */
    static String text(int cause, int reason) {
        if (cause != FaultCause.DEADLINE.code()) {
            return "";
        }
        return switch (reason) {
            case 1 -> " (dsmd on this host did not answer itself: it is stopped, or the machine is too busy)";
            case 2 -> " (the thread waited for a fault line, and no other thread was given a page meanwhile)";
            case 3 -> " (dsmd on this host answers, but its lease is over and is not renewed)";
            case 4 -> " (the preloaded mapping is being filled again after a restart of dsmd)";
            default -> " (dsmd on this host could not get the page)";
        };
    }
}
