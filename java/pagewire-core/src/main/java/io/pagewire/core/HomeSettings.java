package io.pagewire.core;

/**
 * Times and sizes at home.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param homeDeadlineNs how long home waits for an answer to a purge before it has the circuit closed; D_home
 * @param revokeDeadlineNs how long a process may take to give up a right before it is fenced
 * @param faultDeadlineNs how long a fault waits before it fails
 * @param writeRunPages most pages one write fault grants
 * @param anyWriter processes of every host may write, not only those of home
 * @param grantsAfter grant numbers count up from there; lives of a home must differ in it, so that bytes which are handed back
 *     under a number of an earlier life are not taken for some of this one
 */
public record HomeSettings(
        long homeDeadlineNs,
        long revokeDeadlineNs,
        long faultDeadlineNs,
        int writeRunPages,
        boolean anyWriter,
        int grantsAfter) {
    public HomeSettings {
        if (homeDeadlineNs <= 0 || revokeDeadlineNs <= 0 || faultDeadlineNs <= 0 || writeRunPages < 1) {
            throw new IllegalArgumentException("deadlines and run length must be positive: " + homeDeadlineNs + ", "
                    + revokeDeadlineNs + ", " + faultDeadlineNs + ", " + writeRunPages);
        }
    }

    /** Only processes of home write. */
    public HomeSettings(long homeDeadlineNs, long revokeDeadlineNs, long faultDeadlineNs, int writeRunPages) {
        this(homeDeadlineNs, revokeDeadlineNs, faultDeadlineNs, writeRunPages, false, 0);
    }

    /** The same, written by the processes of every host. */
    public HomeSettings forAnyWriter() {
        return new HomeSettings(homeDeadlineNs, revokeDeadlineNs, faultDeadlineNs, writeRunPages, true, grantsAfter);
    }

    /** D_home 2.5 s, revoke 1 s, fault 4.5 s, write runs of 1 MiB. */
    public static HomeSettings defaults(Geometry geometry) {
        return new HomeSettings(
                LeaseRules.HOME_DEADLINE_NS,
                LeaseRules.REVOKE_DEADLINE_NS,
                LeaseRules.FAULT_DEADLINE_NS,
                geometry.pagesIn(1 << 20));
    }
}
