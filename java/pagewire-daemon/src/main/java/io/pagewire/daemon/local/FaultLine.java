package io.pagewire.daemon.local;

import io.netty.buffer.ByteBuf;
import io.pagewire.wire.LocalLayout;

/**
 * One fault line: a thread of the program sends a FAULT and waits for its GRANT or FAIL. One request at a time.
 *
 * <p>Belongs to the event loop of its region.
 */
public final class FaultLine extends ShortMessageHandler {
    private final Mapping mapping;
    private final int index;
    private boolean waiting;
    private int waitingId;

    FaultLine(Mapping mapping, int index) {
        this.mapping = mapping;
        this.index = index;
    }

    @Override
    protected String message(ByteBuf bytes, int at) {
        int type = bytes.getUnsignedByte(at + LocalLayout.TYPE);
        if (type != LocalLayout.FAULT) {
            return "message of type " + type + " on a fault line";
        }
        if (waiting) {
            return "a second request before the answer to the first";
        }
        int wanted = bytes.getUnsignedShortLE(at + LocalLayout.STATUS);
        if (wanted != LocalLayout.RIGHT_READ && wanted != LocalLayout.RIGHT_WRITE) {
            return "fault that wants right " + wanted;
        }
        waiting = true;
        waitingId = bytes.getIntLE(at + LocalLayout.ID);
        mapping.side().fault(mapping, index, waitingId, bytes.getLongLE(at + LocalLayout.A), wanted);
        return null;
    }

    /** Answers the waiting request; an answer to any other request goes nowhere. */
    void grant(int requestId, long firstPage, int count, int right, long sequence) {
        if (waiting && waitingId == requestId) {
            waiting = false;
            send(LocalLayout.GRANT, right, requestId, firstPage, sequence, count);
        }
    }

    /** Fails the waiting request. */
    void fail(int requestId, long page, int cause) {
        if (waiting && waitingId == requestId) {
            waiting = false;
            send(LocalLayout.FAIL, cause, requestId, page, 0, 0);
        }
    }

    @Override
    protected void closed() {
        mapping.lineClosed(index);
    }

    @Override
    protected String describe() {
        return "fault line " + index + " of " + mapping;
    }
}
