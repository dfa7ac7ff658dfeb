package io.pagewire.wire;

/**
 * Outcome of a control request (field {@link LocalLayout#STATUS} of its answer). Zero is success; otherwise the answer's
 * payload is one line of UTF-8 text that says what is wrong and what to do.
 *
 * <p>Immutable; safe for use by any thread.
 */
public enum LocalStatus {
    OK(0),
    UNKNOWN_REGION(1),
    REGION_EXISTS(2),
    INVALID_ARGUMENT(3),
    FILE(4),
    DIRECTORY_UNREACHABLE(5),
    PERMISSION(6),
    BUSY(7),
    INTERNAL(8),
    REFUSED(9),
    TIMEOUT(10),
    VERSION(11),
    LIMIT(12),
    DATA_LOST(13),
    OWNER_LOST(14),

    /** No answer yet: the request is under way, and its answer follows in another message. */
    RUNNING(15);

    private static final LocalStatus[] BY_CODE = values();
    private final int code;

    LocalStatus(int code) {
        this.code = code;
    }

    /** The code on the wire, 0 to 15. */
    public int code() {
        return code;
    }

    /** The status with this code; {@link #INTERNAL} for a code that nobody defined. */
    public static LocalStatus of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : INTERNAL;
    }
}
