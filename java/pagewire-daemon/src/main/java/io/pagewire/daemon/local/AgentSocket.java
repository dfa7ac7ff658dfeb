package io.pagewire.daemon.local;

import io.netty.buffer.ByteBuf;
import io.pagewire.wire.LocalLayout;

/**
 * The socket of a mapping's agent: revokes go out, answers come back in any order.
 *
 * <p>Belongs to the event loop of its region.
 */
public final class AgentSocket extends ShortMessageHandler {
    private final Mapping mapping;

    AgentSocket(Mapping mapping) {
        this.mapping = mapping;
    }

    @Override
    protected String message(ByteBuf bytes, int at) {
        int type = bytes.getUnsignedByte(at + LocalLayout.TYPE);
        if (type != LocalLayout.REVOKED) {
            return "message of type " + type + " from an agent";
        }
        mapping.side().revoked(mapping, bytes.getLongLE(at + LocalLayout.B));
        return null;
    }

    void revoke(long firstPage, int count, int left, boolean atLeisure, long sequence) {
        int how = left | (atLeisure ? LocalLayout.AT_LEISURE : 0);
        send(LocalLayout.REVOKE, how, (int) sequence, firstPage, sequence, count);
    }

    void lost(long firstPage, int count) {
        send(LocalLayout.LOST, 0, 0, firstPage, 0, count);
    }

    @Override
    protected void closed() {
        mapping.agentClosed();
    }

    @Override
    protected String describe() {
        return "agent of " + mapping;
    }
}
