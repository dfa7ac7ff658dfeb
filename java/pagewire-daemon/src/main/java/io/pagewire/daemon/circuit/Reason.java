package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.nio.charset.StandardCharsets;

/**
 * Why a peer refused a call or said good-bye: the payload of REFUSE, BYE and LEFT.
 *
 * <p>Immutable; safe for use by any thread.
 */
public record Reason(FaultCause cause, String text) {
    /** Reads the payload; null when it is malformed. */
    public static Reason read(ByteBuf bytes, int at, int length) {
        if (length < PeerLayout.REASON_TEXT) {
            return null;
        }
        int text = bytes.getUnsignedShortLE(at + PeerLayout.REASON_TEXT_LENGTH);
        if (PeerLayout.REASON_TEXT + text != length) {
            return null;
        }
        return new Reason(
                FaultCause.of(bytes.getIntLE(at + PeerLayout.REASON_CAUSE)),
                bytes.toString(at + PeerLayout.REASON_TEXT, text, StandardCharsets.UTF_8));
    }
}
