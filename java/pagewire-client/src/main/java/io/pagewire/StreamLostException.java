package io.pagewire;

import io.pagewire.wire.FaultCause;

/**
 * A stream has ended without its producer having finished it, or it has ended for this program alone (SPEC: V12). No frame comes
 * or goes any more; close the {@link FrameReader} or {@link FrameWriter}, and subscribe or publish anew.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class StreamLostException extends PagewireException {
    private static final long serialVersionUID = 1L;

    private final FaultCause faultCause;

    /** Made by the library; message: one line that says what is wrong, where, and what to do. */
    public StreamLostException(String message, FaultCause faultCause) {
        super(message);
        this.faultCause = faultCause;
    }

    /**
     * Why: {@link FaultCause#PRODUCER_LOST} the producer died or left without finishing; {@link FaultCause#OWNER_LOST} its host
     * is gone or cut off; {@link FaultCause#TOO_SLOW} this consumer held the producer up and was dropped;
     * {@link FaultCause#DAEMON_LOST} the dsmd of this host has ended; others say that dsmd could not go on with the stream.
     */
    public FaultCause faultCause() {
        return faultCause;
    }
}
