package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.ClientRegion;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.nio.charset.StandardCharsets;

/**
 * What home says to a host whose programs may write: decodes it for the core.
 *
 * <p>Belongs to the region's event loop.
 */
final class ClientWriters {
    private final ClientRegion core;
    private final ClientForces forces;
    private final LossReport losses;

    ClientWriters(ClientRegion core, ClientForces forces, LossReport losses) {
        this.core = core;
        this.forces = forces;
        this.losses = losses;
    }

    /** Null, or why the circuit must be closed. */
    String message(Circuit from, int type, ByteBuf bytes, int at, int length) {
        return switch (type) {
            case PeerLayout.UPGRADED -> upgraded(bytes, at, length);
            case PeerLayout.RECALL -> recall(bytes, at, length);
            case PeerLayout.WB_ACK -> acknowledged(bytes, at, length);
            case PeerLayout.FORCED -> forces.forced(from, bytes, at, length);
            default -> lost(bytes, at, length);
        };
    }

    private String upgraded(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.WANT_LENGTH || bytes.getIntLE(at + PeerLayout.RUN_COUNT) != 1) {
            return "UPGRADED of " + length + " bytes, or not of one page";
        }
        return core.upgraded(
                bytes.getIntLE(at + PeerLayout.RUN_REQUEST),
                bytes.getLongLE(at + PeerLayout.RUN_FIRST),
                bytes.getIntLE(at + PeerLayout.WANT_GRANT),
                System.nanoTime());
    }

    private String recall(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.MARKED_RANGE_LENGTH || bytes.getIntLE(at + PeerLayout.RANGE_COUNT) != 1) {
            return "RECALL of " + length + " bytes, or not of one page";
        }
        Right left = Right.of(bytes.getIntLE(at + PeerLayout.RECALL_LEFT));
        if (left == null || left == Right.WRITE) {
            return "RECALL that leaves the right " + bytes.getIntLE(at + PeerLayout.RECALL_LEFT);
        }
        return core.recall(
                bytes.getLongLE(at + PeerLayout.RANGE_FIRST),
                left,
                bytes.getIntLE(at + PeerLayout.RANGE_TAG),
                System.nanoTime());
    }

    private String acknowledged(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.MARKED_RANGE_LENGTH) {
            return "WB_ACK of " + length + " bytes";
        }
        int cause = bytes.getIntLE(at + PeerLayout.ACK_CAUSE);
        return core.acknowledged(
                bytes.getLongLE(at + PeerLayout.RANGE_FIRST),
                bytes.getIntLE(at + PeerLayout.RANGE_COUNT),
                bytes.getIntLE(at + PeerLayout.RANGE_TAG),
                cause == 0 ? 0 : FaultCause.of(cause).code(),
                System.nanoTime());
    }

    private String lost(ByteBuf bytes, int at, int length) {
        if (length < PeerLayout.LOST_HOST
                || length - PeerLayout.LOST_HOST != bytes.getUnsignedShortLE(at + PeerLayout.LOST_HOST_LENGTH)) {
            return "LOST of " + length + " bytes";
        }
        long first = bytes.getLongLE(at + PeerLayout.RANGE_FIRST);
        int count = bytes.getIntLE(at + PeerLayout.RANGE_COUNT);
        if (count < 1 || first < 0 || first > core.geometry().pages() - count) {
            return "LOST of " + count + " pages from page " + first;
        }
        losses.add(
                first,
                count,
                bytes.toString(at + PeerLayout.LOST_HOST, length - PeerLayout.LOST_HOST, StandardCharsets.UTF_8));
        return null;
    }
}
