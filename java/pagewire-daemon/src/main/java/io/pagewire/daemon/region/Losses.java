package io.pagewire.daemon.region;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The newest losses of this daemon's regions, for reports.
 *
 * <p>Safe for use by any thread.
 */
public final class Losses {
    private static final int MOST = 64;

    /**
     * Pages that went back to what home had, because their holder was gone with what it had written.
     *
     * @param region its name
     * @param holder name of the host that had written them
     */
    public record Loss(String region, long first, int count, String holder, Instant at) {}

    private final Deque<Loss> newest = new ArrayDeque<>(MOST);

    synchronized void add(Loss loss) {
        if (newest.size() == MOST) {
            newest.removeFirst();
        }
        newest.addLast(loss);
    }

    /** At most 64, the oldest first. */
    public synchronized List<Loss> newest() {
        return List.copyOf(newest);
    }
}
