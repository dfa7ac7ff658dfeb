package io.pagewire.core.link;

/**
 * How much of what somebody waits for one circuit may have on its way. It may make a queue that bulk may not, so bulk gives way to
 * it; but signs of life stand behind it, and must come within a lease.
 *
 * <p>Not thread-safe: belongs to the event loop of its circuit.
 */
final class WantedWindow {
    /** The longest queue, ns. */
    private static final long MOST_QUEUE_NS = 150_000_000L;

    /** Bytes on their way at the start, at least and at most. */
    private static final double FIRST = 64 << 10;

    private static final double LEAST = 32 << 10;
    private static final double MOST = 16 << 20;

    /** It grows by that many bytes a round trip, once a queue has stood. */
    private static final double STEP = 64 << 10;

    private double window = FIRST;
    private boolean starting = true;
    private long underWay;
    private int marks;
    private boolean held;
    private boolean fills;

    /** In which period a mark came back before which and behind which nothing was on the way. */
    private long alonePeriod = Long.MIN_VALUE;

    /**
     * Whether more may be sent, where so many bytes have been sent since the last mark. Until the round trip of an empty way is
     * known in this period, no more than have to be.
     *
     * @param room whether there is a mark for them
     */
    boolean takes(int unmarked, boolean room, long now) {
        double most = alonePeriod == Path.period(now) ? window : Math.min(window, LEAST);
        boolean takes = marks == 0 || room && underWay + unmarked < most;
        held = !takes;
        fills |= takes && underWay + unmarked >= LEAST;
        return takes;
    }

    /** It was sent, with a mark behind it. */
    void sent(int bytes) {
        underWay += bytes;
        marks++;
    }

    /** Whether something waits: bulk waits then, too, until the way is empty. */
    boolean isHeld(boolean empty) {
        held &= !empty;
        return held;
    }

    /** Whether it had so much on the way since this was asked last that a queue is no riddle. */
    boolean hasFilled() {
        boolean was = fills;
        fills = false;
        return was;
    }

    /** A mark came back that was alone on the way. */
    void alone(long now) {
        alonePeriod = Path.period(now);
    }

    /**
     * A mark of its own came back. The window grows while the queue is short enough and it is made use of; what stands in a longer
     * one is less by the next round trip.
     *
     * @param bytes before this mark and behind the one before it
     */
    void returned(long tripNs, long baseNs, long bytes) {
        long mostNs = baseNs + MOST_QUEUE_NS;
        starting &= tripNs <= baseNs + MOST_QUEUE_NS / 2;
        if (tripNs > mostNs) {
            window -= bytes * (1 - (double) mostNs / tripNs);
        } else if (underWay >= window / 2) {
            window += starting ? bytes : bytes * Math.min(1, STEP / window);
        }
        window = Math.max(LEAST, Math.min(MOST, window));
        underWay -= bytes;
        marks--;
    }
}
