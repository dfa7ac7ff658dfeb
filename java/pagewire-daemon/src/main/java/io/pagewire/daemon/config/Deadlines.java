package io.pagewire.daemon.config;

/**
 * All the times of a daemon that depend on each other, in milliseconds (SPEC: O4, V4). A deadline inside another is shorter than
 * that one: else both pass in the same moment, and whoever waits hears "no answer" where the reason was about to be known.
 * {@link DeadlineRules} checks those that are settings; the others follow from them here.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param faultMs a fault that is not served by then fails; the daemon itself answers at 90 % of it
 * @param revokeMs an application that has not answered a revoke by then is killed
 * @param heartbeatMs time between two heartbeats on a circuit
 * @param clientLeaseMs D_client: a client takes all rights away that long after its newest heartbeat that home echoed
 * @param homeMs D_home: home counts a client's answers as given that long after its newest echo
 * @param stallMs an orderly end goes on as long as written bytes get home; when none has for so long it counts as stalled
 * @param stopMs the longest a stop waits for written bytes to get home; 0 = as long as they do
 * @param directorySessionMs session timeout asked of the directory
 * @param directoryOperationMs deadline of an operation on the directory
 */
public record Deadlines(
        int faultMs,
        int revokeMs,
        int heartbeatMs,
        int clientLeaseMs,
        int homeMs,
        int stallMs,
        int stopMs,
        int directorySessionMs,
        int directoryOperationMs) {
    public static final Deadlines DEFAULT = new Deadlines(5000, 1000, 250, 1000, 2500, 10_000, 0, 3000, 5000);

    private static final int CONNECT_MS = 1000;
    private static final int CALL_MS = 1500;

    /** Operations on the directory that one request may need one after the other. */
    private static final int MOST_OPERATIONS = 4;

    /** What a request waits for beside the directory, faults and revokes: names that become free, processes that end. */
    private static final int BESIDES_MS = 60_000;

    /** When the daemon itself answers a fault with a failure, so that the answer beats the library's own deadline. */
    public int faultAnswerMs() {
        return faultMs / 10 * 9;
    }

    /** The directory is asked for an owner so that a fault can fail with its reason. */
    public int ownerMs() {
        return withinAFault(directoryOperationMs);
    }

    /** A connection to another host's dsmd must stand by then. */
    public int connectMs() {
        return withinAFault(CONNECT_MS);
    }

    /** Another host must have answered a call by then. */
    public int callMs() {
        return withinAFault(CALL_MS);
    }

    /**
     * No request of a program takes longer, bar those that move bytes: these end when nothing moves. Until then the program is
     * told that its request runs, so that its own deadline only judges whether dsmd lives.
     */
    public long requestMs() {
        return (long) MOST_OPERATIONS * directoryOperationMs + faultMs + 2L * revokeMs + BESIDES_MS;
    }

    /** At most half of it, so that a first attempt has failed, and its reason is known, before the fault has to. */
    private int withinAFault(int ms) {
        return Math.min(ms, faultAnswerMs() / 2);
    }
}
