package io.pagewire.testkit.stream;

/**
 * Defects that can be planted into the harness of streams, one at a time, where a daemon or the library could really go wrong; the
 * hub itself is never touched.
 *
 * <p>Immutable; safe for use by any thread.
 */
public enum StreamBug {
    /** Home takes a frame for released when it has been handed to the kernel. */
    FREE_AT_SEND("a slot is free when its frame was handed to the kernel, not when it has come"),
    /** Home does not give a slot other memory. */
    NO_RENEW("a slot is given again though a broken circuit may still send from it"),
    /** Home takes a removed host's slots for free of bytes underway. */
    REMOVE_WITHOUT_RENEW("the slots of a dropped host are taken for sent"),
    /** A client acknowledges a frame at its announcement. */
    ACKNOWLEDGE_EARLY("a client acknowledges a frame before its bytes have come"),
    /** A client resumes with the frame that was on its way when the circuit broke. */
    RESUME_TOO_FAR("a client says on resuming that it has the frame that was on its way"),
    /** A client resumes with less than it has. */
    RESEND_ACKNOWLEDGED("a frame that was acknowledged is sent again after a circuit broke"),
    /** A client goes on in the middle of the frame that was on its way. */
    KEEP_PARTIAL("a client goes on with a frame where the broken circuit left off"),
    /** A client goes on reading from a circuit that it has given up. */
    READ_OLD_CIRCUIT("a client reads from the old circuit when the new one is up"),
    /** A client goes on counting credit over circuits. */
    CREDIT_OF_OLD_CIRCUIT("a client counts frames of earlier circuits into its credit"),
    /** A client does not look at the end of the frame before it reports it. */
    REPORT_BEFORE_WHOLE("a client passes a frame on before its last bytes have come"),
    /** Home leaves frames out for a latest consumer without counting. */
    SKIP_UNCOUNTED("a frame is left out for a latest consumer and not counted"),
    /** Consumers are dropped at once. */
    DROP_WITHOUT_DEADLINE("a consumer is dropped before its deadline"),
    /** Consumers are never dropped. */
    NEVER_DROP("a stuck consumer is never dropped"),
    /** Home does not tell a host that its consumer is in the way. */
    FORGET_STALLED("a host is not told that it is in the way, and dropped with all its consumers"),
    /** A daemon takes NEXT for the release of the frame in the window. */
    NEXT_RELEASES("a slot is free when its consumer is finished with it, though it stands in its window"),
    /** A daemon loses some releases. */
    LOSE_RELEASE("a release is lost"),
    /** A daemon takes the slots of a dropped consumer, which still has them in its window. */
    TAKE_FROM_DROPPED("the slots of a dropped consumer are given again while it has them"),
    /** Home says the end to other hosts when the producer says it. */
    END_BEFORE_DRAINED("the end overtakes frames that wait for credit"),
    /** The death of a producer is taken for its end. */
    LOSS_TAKEN_FOR_END("the death of a producer is told as the end of the stream"),
    /** The end of a producer is taken for its death. */
    END_TAKEN_FOR_LOSS("the end of a stream is told as the death of its producer"),
    /** The library takes a lost daemon for the end of the stream. */
    DAEMON_LOSS_TAKEN_FOR_END("a consumer takes the loss of its daemon for the end of the stream"),
    /** Frames before the first consumer are let go. */
    LET_KEPT_GO("frames that are to be kept for the first consumer are let go"),
    /** A daemon answers CANCEL and keeps the credit. */
    IGNORE_CANCEL("a cancelled wait is answered with a frame later"),
    /** A daemon loses some frames on the way to a local consumer. */
    LOSE_FRAME("a frame is lost between daemon and consumer"),
    /** The producer writes into the frame after it has swapped. */
    WRITE_AFTER_SWAP("the producer can still write into a frame that travels"),
    /** Home forgets to tell the end again on the next circuit. */
    END_ONCE("the end is not told again when the circuit broke before it came");

    private final String text;

    StreamBug(String text) {
        this.text = text;
    }

    /** One clause, lower case, without a full stop. */
    public String text() {
        return text;
    }
}
