package io.pagewire.core;

/**
 * The relation between the deadlines of a client and of its home. A client counts from the send time of its newest heartbeat
 * that home has echoed; home counts from sending that echo. So when home's deadline passes, the client's has passed before,
 * and its processes have lost their rights or been killed.
 *
 * <p>Constants and pure functions; safe for use by any thread.
 */
public final class LeaseRules {
    public static final long HEARTBEAT_NS = 250_000_000L;
    public static final long CLIENT_DEADLINE_NS = 1_000_000_000L;
    public static final long REVOKE_DEADLINE_NS = 1_000_000_000L;
    public static final long HOME_DEADLINE_NS = 2_500_000_000L;
    public static final long FAULT_DEADLINE_NS = 4_500_000_000L;

    /** How much faster one host's clock may run than another's, in parts of a thousand. Crystals stay far below one. */
    public static final int DRIFT_PER_MILLE = 10;

    /** Time for a killed process to end, for a timer to fire late, and for the grace after a stall. */
    public static final long MARGIN_NS = 250_000_000L;

    private LeaseRules() {}

    /** The shortest D_home that is safe with these deadlines. */
    public static long shortestHomeDeadline(long clientDeadlineNs, long revokeDeadlineNs) {
        long taken = Math.addExact(clientDeadlineNs, revokeDeadlineNs);
        return Math.addExact(Math.addExact(taken, taken / 1000 * DRIFT_PER_MILLE), MARGIN_NS);
    }

    /** Null when the deadlines are safe together, else which one is wrong and what it must be. */
    public static String check(
            long heartbeatNs, long clientDeadlineNs, long revokeDeadlineNs, long homeDeadlineNs, long faultDeadlineNs) {
        if (heartbeatNs <= 0 || clientDeadlineNs <= 0 || revokeDeadlineNs <= 0) {
            return "heartbeat, client deadline and revoke deadline must be positive";
        }
        if (heartbeatNs > clientDeadlineNs / 2) {
            return "a heartbeat every " + millis(heartbeatNs)
                    + " ms leaves no second chance within a client deadline of " + millis(clientDeadlineNs)
                    + " ms; it must be at most half of that";
        }
        long shortest = shortestHomeDeadline(clientDeadlineNs, revokeDeadlineNs);
        if (homeDeadlineNs < shortest) {
            return "the home deadline of " + millis(homeDeadlineNs) + " ms is too short: with a client deadline of "
                    + millis(clientDeadlineNs) + " ms and a revoke deadline of " + millis(revokeDeadlineNs)
                    + " ms it must be at least " + millis(shortest) + " ms";
        }
        if (faultDeadlineNs <= homeDeadlineNs) {
            return "the fault deadline of " + millis(faultDeadlineNs) + " ms must be longer than the home deadline of "
                    + millis(homeDeadlineNs) + " ms";
        }
        return null;
    }

    private static long millis(long ns) {
        return ns / 1_000_000;
    }
}
