package io.pagewire.daemon.config;

/**
 * All the times of a daemon that depend on each other, in milliseconds (SPEC: O4, V4).
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

    /** When the daemon itself answers a fault with a failure, so that the answer beats the library's own deadline. */
    public int faultAnswerMs() {
        return faultMs / 10 * 9;
    }
}
