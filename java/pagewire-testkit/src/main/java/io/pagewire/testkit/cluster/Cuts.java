package io.pagewire.testkit.cluster;

import java.util.Set;

/**
 * Which ways between hosts are cut now. A way is "FROM TO".
 *
 * <p>Safe for use by any thread.
 */
final class Cuts {
    private Set<String> cut = Set.of();

    synchronized void set(Set<String> ways) {
        cut = Set.copyOf(ways);
        notifyAll();
    }

    /** Returns when the way is open. */
    synchronized void awaitOpen(String from, String to) throws InterruptedException {
        String way = from + " " + to;
        while (cut.contains(way)) {
            wait();
        }
    }
}
