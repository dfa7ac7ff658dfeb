package io.pagewire.daemon.stream;

/**
 * How long nothing has come on a circuit. Looked at often; a look that comes late itself proves nothing, since what has come
 * meanwhile may not have been read yet. Times are ns of one steady clock.
 *
 * <p>Belongs to one event loop.
 */
final class SilenceWatch {
    private final long mostNs;
    private long bytes;
    private long quietNs;
    private long lookedNs;

    SilenceWatch(long mostNs) {
        this.mostNs = mostNs;
    }

    /** A circuit has been connected. */
    void begin(long now) {
        bytes = 0;
        quietNs = 0;
        lookedNs = now;
    }

    /** @param received bytes that have come on this circuit in all */
    boolean isOver(long received, long now) {
        long since = now - lookedNs;
        lookedNs = now;
        if (received != bytes) {
            bytes = received;
            quietNs = 0;
        } else {
            quietNs += Math.min(since, mostNs / 2);
        }
        return quietNs > mostNs;
    }
}
