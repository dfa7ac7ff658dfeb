package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.ClientRegion;
import io.pagewire.core.Right;
import io.pagewire.daemon.memory.MemoryFrames;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;

/**
 * What home says to a client of a region that is mapped on demand: checks it, writes pages into their frames, tells the core.
 *
 * <p>Belongs to the region's event loop.
 */
final class ClientMessages {
    private final ClientRuntime region;
    private final ClientRegion core;
    private final MemoryFrames frames;
    private final ClientForces forces;

    ClientMessages(ClientRuntime region, MemoryFrames frames, ClientForces forces) {
        this.region = region;
        this.frames = frames;
        this.core = region.core();
        this.forces = forces;
    }

    /** Null, or why the circuit must be closed. */
    String message(int type, ByteBuf bytes, int at, int length) {
        return switch (type) {
            case PeerLayout.PAGES -> pages(bytes, at, length);
            case PeerLayout.DECLINE -> declined(bytes, at, length);
            case PeerLayout.PURGE -> purge(bytes, at, length);
            default ->
                region.record().anyWriter()
                        ? toWriter(type, bytes, at, length)
                        : "message of type " + type + " in a region that only its owner writes";
        };
    }

    private String toWriter(int type, ByteBuf bytes, int at, int length) {
        return switch (type) {
            case PeerLayout.UPGRADED -> upgraded(bytes, at, length);
            case PeerLayout.RECALL -> recall(bytes, at, length);
            case PeerLayout.WB_ACK -> acknowledged(bytes, at, length);
            case PeerLayout.FORCED -> forces.forced(bytes, at, length);
            case PeerLayout.FORCING -> forces.forcing(bytes, at, length);
            case PeerLayout.LOST -> region.lost(bytes, at, length);
            default -> "message of type " + type + " from a home";
        };
    }

    private String pages(ByteBuf bytes, int at, int length) {
        if (length < PeerLayout.PAGES_DATA) {
            return "PAGES of " + length + " bytes";
        }
        int request = bytes.getIntLE(at + PeerLayout.RUN_REQUEST);
        int count = bytes.getIntLE(at + PeerLayout.RUN_COUNT);
        long first = bytes.getLongLE(at + PeerLayout.RUN_FIRST);
        long data = (long) count * region.record().pageSize();
        if (count < 1 || data != length - PeerLayout.PAGES_DATA) {
            return "PAGES with " + count + " pages in " + length + " bytes";
        }
        int flags = bytes.getIntLE(at + PeerLayout.PAGES_FLAGS);
        boolean last = (flags & PeerLayout.PAGES_LAST) != 0;
        boolean exclusive = (flags & PeerLayout.PAGES_EXCLUSIVE) != 0;
        if ((flags & ~(PeerLayout.PAGES_LAST | PeerLayout.PAGES_EXCLUSIVE)) != 0
                || exclusive && !region.record().anyWriter()) {
            return "PAGES with the flags " + flags;
        }
        String problem = core.arriving(request, first, count, exclusive);
        if (problem != null) {
            return problem;
        }
        int grant = bytes.getIntLE(at + PeerLayout.PAGES_GRANT);
        long now = System.nanoTime();
        if (!frames.write(
                bytes,
                at + PeerLayout.PAGES_DATA,
                (int) data,
                first * region.record().pageSize())) {
            region.explain(
                    FaultCause.NO_MEMORY,
                    "no memory for a frame of region " + region.record().name());
            return "this host has no memory for the frames";
        }
        core.arrived(request, first, count, grant, last, exclusive, now);
        return null;
    }

    private String declined(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.DECLINE_LENGTH) {
            return "DECLINE of " + length + " bytes";
        }
        int cause = bytes.getIntLE(at + PeerLayout.DECLINE_CAUSE);
        return core.declined(
                bytes.getIntLE(at + PeerLayout.RUN_REQUEST),
                bytes.getLongLE(at + PeerLayout.RUN_FIRST),
                bytes.getIntLE(at + PeerLayout.RUN_COUNT),
                cause == 0 ? 0 : FaultCause.of(cause).code(),
                System.nanoTime());
    }

    private String purge(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.RANGE_LENGTH) {
            return "PURGE of " + length + " bytes";
        }
        return core.purge(
                bytes.getLongLE(at + PeerLayout.RANGE_FIRST),
                bytes.getIntLE(at + PeerLayout.RANGE_COUNT),
                bytes.getIntLE(at + PeerLayout.RANGE_TAG),
                System.nanoTime());
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
        forces.progressed(System.nanoTime());
        return core.acknowledged(
                bytes.getLongLE(at + PeerLayout.RANGE_FIRST),
                bytes.getIntLE(at + PeerLayout.RANGE_COUNT),
                bytes.getIntLE(at + PeerLayout.RANGE_TAG),
                cause == 0 ? 0 : FaultCause.of(cause).code(),
                System.nanoTime());
    }
}
