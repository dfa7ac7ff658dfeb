package io.pagewire.wire;

/**
 * Why a load or store could not be served. The codes travel in {@link LocalLayout#FAIL} and {@link PeerLayout#DECLINE} and
 * are the values of {@code enum pw_cause} in {@code pagewire.h}; a code is never used again for another meaning.
 *
 * <p>Immutable; safe for use by any thread.
 */
public enum FaultCause {
    /** The circuit to the region's owner is lost or its host cannot be reached. */
    OWNER_LOST(1, "the owner of the region cannot be reached"),
    /** Nobody answered within the fault deadline. */
    DEADLINE(2, "no answer within the fault deadline"),
    /** The owner refused the call setup. */
    REFUSED(3, "the owner refused to share the region"),
    /** A store where only the owning host may write. */
    READ_ONLY(4, "only processes on the owning host may write to this region"),
    /** The region was deleted or never existed. */
    UNKNOWN_REGION(5, "the directory knows no such region"),
    /** The owner restarted and the region's contents were in its memory only. */
    DATA_LOST(6, "the region's contents were lost when its owner stopped"),
    /** The exported file is shorter than the region now, or reading it failed. */
    FILE_ERROR(7, "the exported file cannot be read or written at this place (truncated, disk full or I/O error)"),
    /** The name server does not answer. */
    DIRECTORY_UNREACHABLE(8, "the directory cannot be reached"),
    /** The local daemon is gone. */
    DAEMON_LOST(9, "the local dsmd is not running any more"),
    /** The mapping was closed by the program itself. */
    CLOSED(10, "the mapping has been closed"),
    /** A page beyond the end of the region. */
    OUT_OF_RANGE(11, "the page lies beyond the end of the region"),
    /** An answer that makes no sense; the sender's connection is closed. */
    PROTOCOL(12, "an answer broke the protocol"),
    /** No frame or descriptor was to be had. */
    NO_MEMORY(13, "no memory for the page"),
    /** The region is known, but no host claims it at present. */
    NO_OWNER(14, "no host owns the region at present"),
    /** The owner gave up its rights because it lost its directory session. */
    FENCED(15, "the owner has lost its directory session and may not serve the region"),
    /** The program that filled a frame stream ended without saying that the stream is over. */
    PRODUCER_LOST(16, "the producer of the stream ended without finishing it"),
    /** A consumer of a lossless stream held the producer up for longer than it may. */
    TOO_SLOW(17, "the consumer was dropped because it held the producer up for too long");

    private static final FaultCause[] BY_CODE = new FaultCause[18];

    static {
        for (FaultCause cause : values()) {
            BY_CODE[cause.code] = cause;
        }
    }

    private final int code;
    private final String text;

    FaultCause(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /** The code on the wire, 1 to 17. */
    public int code() {
        return code;
    }

    /** One clause, lower case, without a full stop, that a user can read. */
    public String text() {
        return text;
    }

    /** The cause with this code; {@link #PROTOCOL} for a code that nobody defined. */
    public static FaultCause of(int code) {
        FaultCause cause = code > 0 && code < BY_CODE.length ? BY_CODE[code] : null;
        return cause == null ? PROTOCOL : cause;
    }
}
