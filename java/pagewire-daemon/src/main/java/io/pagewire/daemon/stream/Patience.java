package io.pagewire.daemon.stream;

/**
 * How long a host's end of a stream goes on calling, and how often. Until the first circuit stands it has the time for a first
 * call; after that each loss of a circuit has the drop deadline, but circuits that break again and again without a whole frame
 * in between have it once. Times are ns of one steady clock.
 *
 * <p>Belongs to one event loop.
 */
final class Patience {
    private static final int FIRST_RETRY_MS = 20;
    private static final int LAST_RETRY_MS = 500;
    private static final long MS = 1_000_000L;

    private boolean stood;
    private int mostMs;
    private long lostNs;
    private long lastAtLoss = -1;
    private int retryMs = FIRST_RETRY_MS;

    Patience(int firstMs, long now) {
        mostMs = firstMs;
        lostNs = now;
    }

    /** A circuit is up. True = it is the first one. */
    boolean stands(int dropMs) {
        boolean first = !stood;
        stood = true;
        mostMs = dropMs;
        return first;
    }

    /** Whether there has ever been a circuit. */
    boolean stood() {
        return stood;
    }

    /** How long a circuit may be missing, ms. */
    int mostMs() {
        return mostMs;
    }

    /**
     * A circuit that was up is lost.
     *
     * @param frame the last frame that has come whole
     * @param calledNs when that circuit was called for
     */
    void lost(long frame, long calledNs, long now) {
        if (frame != lastAtLoss || now - calledNs > mostMs * MS) {
            lastAtLoss = frame;
            lostNs = now;
            retryMs = FIRST_RETRY_MS;
        }
    }

    boolean isOver(long now) {
        return now - lostNs >= mostMs * MS;
    }

    /** The pause before the next call, ms. */
    int pauseMs() {
        int pause = retryMs;
        retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
        return pause;
    }
}
