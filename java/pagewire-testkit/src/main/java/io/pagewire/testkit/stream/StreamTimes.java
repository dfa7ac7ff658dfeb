package io.pagewire.testkit.stream;

/**
 * Deadlines of the simulated streams, in ns.
 *
 * <p>Constants only; safe for use by any thread.
 */
final class StreamTimes {
    static final long US = 1_000L;
    static final long MS = 1_000_000L;

    /** A consumer may hold the producer up for that long. */
    static final long DROP = 1000 * MS;

    /** Home gives a host that much more, for the consumer at fault to be dropped there. */
    static final long HOST_DROP = DROP + 1200 * MS;

    static final long TICK = 100 * MS;

    /** No drop comes later than that after its deadline: ticks, and the grace after the daemon was held up itself. */
    static final long LATE = TICK + 800 * MS;

    /** An end that hears nothing for that long closes its circuit. */
    static final long CLIENT_SILENCE = 500 * MS;

    static final long HOME_SILENCE = 700 * MS;
    static final long ANSWER = 600 * MS;
    static final long RETRY = 20 * MS;
    static final long LAST_RETRY = 200 * MS;

    /** So long after the last trouble nobody but a stuck consumer may be dropped. */
    static final long SETTLED = 3000 * MS;

    /** Everything has ended that long after the last trouble. */
    static final long CALM = 60_000 * MS;

    private StreamTimes() {}
}
