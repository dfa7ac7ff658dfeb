package io.pagewire;

import java.time.Duration;
import java.util.Objects;

/**
 * How to map a region. Start from {@link #defaults()} and change what is needed.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param eager true = set the circuit to the owner up now and fail now when the owner refuses or cannot be reached; false
 *     (default) = the first fault does it (SPEC: V14)
 * @param readOnly true = this mapping never stores, wherever it is; a store fails. Such mappings cost the kernel least
 * @param preloaded true = every page is brought and locked in memory before the call returns, and no access faults afterwards;
 *     changes travel by {@link Region#publish()} and {@link Region#refresh()} only (SPEC: V10, V11); default false
 * @param period how often the daemon publishes and refreshes a preloaded mapping by itself, 1 ms to 24 hours; it also
 *     publishes when the mapping ends. Zero (default) = never, the program does it
 * @param progress hears how far the filling of a preloaded mapping has come; null (default) = nobody
 * @param dumped true = core dumps of this process have the region in them, for which the kernel gives memory to every page that
 *     has none here, beyond the daemon's {@code --frames-max}; false (default) = they leave it out, unless PAGEWIRE_DUMP=1 is set
 *     in the environment
 */
public record MapOptions(
        boolean eager, boolean readOnly, boolean preloaded, Duration period, Progress progress, boolean dumped) {
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final MapOptions DEFAULTS = new MapOptions(false, false, false, Duration.ZERO, null, false);

    /** Checks the range of the period; IllegalArgumentException says that it is out of range. */
    public MapOptions {
        Objects.requireNonNull(period, "period");
        if (!period.isZero() && (period.toMillis() < 1 || period.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException("period " + period + " is neither zero nor between 1 ms and " + LONGEST);
        }
    }

    /** On demand, for loads and, where the region allows it, stores; the circuit is set up by the first fault. */
    public static MapOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another choice of when the circuit is set up. */
    public MapOptions withEager(boolean value) {
        return new MapOptions(value, readOnly, preloaded, period, progress, dumped);
    }

    /** The same with another choice of whether the mapping may store. */
    public MapOptions withReadOnly(boolean value) {
        return new MapOptions(eager, value, preloaded, period, progress, dumped);
    }

    /** The same with another choice of whether all pages are brought in advance. */
    public MapOptions withPreloaded(boolean value) {
        return new MapOptions(eager, readOnly, value, period, progress, dumped);
    }

    /** The same with another period. Only for preloaded mappings. */
    public MapOptions withPeriod(Duration value) {
        return new MapOptions(eager, readOnly, preloaded, value, progress, dumped);
    }

    /** The same with another listener to progress; null = none. */
    public MapOptions withProgress(Progress value) {
        return new MapOptions(eager, readOnly, preloaded, period, value, dumped);
    }

    /** The same with another choice of whether the region is in core dumps. */
    public MapOptions withDumped(boolean value) {
        return new MapOptions(eager, readOnly, preloaded, period, progress, value);
    }
}
