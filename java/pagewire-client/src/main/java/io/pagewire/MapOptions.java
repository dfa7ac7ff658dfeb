package io.pagewire;

/**
 * How to map a region. Start from {@link #defaults()} and change what is needed.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param eager true = set the circuit to the owner up now and fail now when the owner refuses or cannot be reached; false
 *     (default) = the first fault does it (SPEC: V14)
 */
public record MapOptions(boolean eager) {
    private static final MapOptions DEFAULTS = new MapOptions(false);

    /** The circuit is set up by the first fault. */
    public static MapOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another choice of when the circuit is set up. */
    public MapOptions withEager(boolean value) {
        return new MapOptions(value);
    }
}
