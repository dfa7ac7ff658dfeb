package io.pagewire.daemon.region;

import java.util.HashMap;
import java.util.Map;

/**
 * The daemons of other hosts that have circuits to this one, and how many each.
 *
 * <p>Safe for use by any thread.
 */
public final class Peers {
    private final int most;
    private final Map<Long, Integer> circuits = new HashMap<>();

    Peers(int most) {
        this.most = most;
    }

    /** Counts one more circuit of this daemon session; false when too many other daemons have circuits already. */
    public synchronized boolean add(long session) {
        if (!circuits.containsKey(session) && circuits.size() >= most) {
            return false;
        }
        circuits.merge(session, 1, Integer::sum);
        return true;
    }

    /** One circuit of this session is over. */
    public synchronized void remove(long session) {
        circuits.computeIfPresent(session, (key, count) -> count == 1 ? null : count - 1);
    }
}
