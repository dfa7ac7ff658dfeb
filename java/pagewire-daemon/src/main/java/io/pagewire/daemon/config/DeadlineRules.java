package io.pagewire.daemon.config;

import io.pagewire.core.LeaseRules;
import java.util.List;

/**
 * Which of the settings below {@code [deadlines]} lie inside which others, and so have to be shorter.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class DeadlineRules {
    private static final long MS = 1_000_000L;

    /** @param mostMs the longest that the inner one may be with this outer one */
    private record Rule(String inner, long innerMs, long mostMs, String outer, long outerMs, String why) {
        boolean isBroken() {
            return innerMs > mostMs;
        }

        String text() {
            return "deadlines." + inner + " is " + innerMs + ", but with deadlines." + outer + " = " + outerMs
                    + " it may be at most " + mostMs + ": " + why;
        }
    }

    private DeadlineRules() {}

    /** Null when they fit together, else which two do not, and why. */
    static String check(Deadlines d) {
        long leaseAndRevoke =
                -Math.floorDiv(-LeaseRules.shortestHomeDeadline(d.clientLeaseMs() * MS, d.revokeMs() * MS), MS);
        if (d.homeMs() < leaseAndRevoke) {
            return "deadlines.home-ms is " + d.homeMs() + ", but with deadlines.client-lease-ms = " + d.clientLeaseMs()
                    + " and deadlines.revoke-ms = " + d.revokeMs() + " it must be at least " + leaseAndRevoke
                    + ": an owner may not give up a host whose programs may still have pages";
        }
        return rules(d).stream()
                .filter(Rule::isBroken)
                .map(Rule::text)
                .findFirst()
                .orElse(null);
    }

    private static List<Rule> rules(Deadlines d) {
        return List.of(
                new Rule(
                        "heartbeat-ms",
                        d.heartbeatMs(),
                        d.clientLeaseMs() / 2,
                        "client-lease-ms",
                        d.clientLeaseMs(),
                        "one heartbeat that is lost must not end a lease"),
                new Rule(
                        "home-ms",
                        d.homeMs(),
                        d.faultAnswerMs() - 1,
                        "fault-ms",
                        d.faultMs(),
                        "dsmd answers a fault at 90 % of its deadline, and must have given up a host that is gone before"),
                new Rule(
                        "home-ms",
                        d.homeMs(),
                        d.stallMs() - 1,
                        "stall-ms",
                        d.stallMs(),
                        "an end must not count as stalled before a host that is gone has been given up"),
                new Rule(
                        "directory-session-ms",
                        d.directorySessionMs(),
                        d.directoryOperationMs() - 1,
                        "directory-operation-ms",
                        d.directoryOperationMs(),
                        "that the directory is out of reach shows within a session, and a request to it must not end before"));
    }
}
