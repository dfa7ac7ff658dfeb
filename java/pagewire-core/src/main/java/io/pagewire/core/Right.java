package io.pagewire.core;

/**
 * What a process may do with a page: the states of fig. 5 (a) and (b). SPEC: O3-O6.
 *
 * <p>Immutable; safe for use by any thread.
 */
public enum Right {
    NONE,
    READ,
    WRITE;

    private static final Right[] BY_CODE = values();

    /** The code on the wire: 0, 1, 2. */
    public int code() {
        return ordinal();
    }

    /** The right with this code, or null when there is none. */
    public static Right of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
