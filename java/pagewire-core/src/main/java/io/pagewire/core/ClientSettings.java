package io.pagewire.core;

/**
 * Times and sizes at a client host.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param revokeDeadlineNs how long a process may take to give up a right before it is fenced
 * @param faultDeadlineNs how long a fault waits before it fails
 * @param readAheadPages largest window of a sequential reader, in pages
 * @param retryNs pause between two attempts while the owner cannot be reached
 * @param answerDeadlineNs how long home may owe an answer before the circuit is given up: the fault deadline, after which home
 *     declines what it cannot give, and D_home for everything else
 * @param anyWriter processes of every host may write, not only those of home
 * @param writeback when what was written goes home without being asked for
 */
public record ClientSettings(
        long revokeDeadlineNs,
        long faultDeadlineNs,
        int readAheadPages,
        long retryNs,
        long answerDeadlineNs,
        boolean anyWriter,
        WritebackSettings writeback) {
    public ClientSettings {
        if (revokeDeadlineNs <= 0 || faultDeadlineNs <= 0 || readAheadPages < 1 || retryNs <= 0) {
            throw new IllegalArgumentException("deadlines, window and pause must be positive: " + revokeDeadlineNs
                    + ", " + faultDeadlineNs + ", " + readAheadPages + ", " + retryNs);
        }
        if (answerDeadlineNs <= faultDeadlineNs) {
            throw new IllegalArgumentException("home may take " + faultDeadlineNs + " ns to answer, so "
                    + answerDeadlineNs + " ns without an answer mean nothing");
        }
    }

    /** Only processes of home write. */
    public ClientSettings(long revokeDeadlineNs, long faultDeadlineNs, int readAheadPages, long retryNs) {
        this(
                revokeDeadlineNs,
                faultDeadlineNs,
                readAheadPages,
                retryNs,
                faultDeadlineNs + LeaseRules.HOME_DEADLINE_NS,
                false,
                WritebackSettings.OFF);
    }

    /** The same, written by the processes of every host. */
    public ClientSettings forAnyWriter() {
        return new ClientSettings(
                revokeDeadlineNs, faultDeadlineNs, readAheadPages, retryNs, answerDeadlineNs, true, writeback);
    }

    /** The same, with what was written going home by itself. */
    public ClientSettings with(WritebackSettings when) {
        return new ClientSettings(
                revokeDeadlineNs, faultDeadlineNs, readAheadPages, retryNs, answerDeadlineNs, anyWriter, when);
    }

    /** Revoke 1 s, fault 4.5 s, windows up to 1 MiB, 100 ms between attempts. */
    public static ClientSettings defaults(Geometry geometry) {
        return new ClientSettings(
                LeaseRules.REVOKE_DEADLINE_NS, LeaseRules.FAULT_DEADLINE_NS, geometry.pagesIn(1 << 20), 100_000_000L);
    }
}
