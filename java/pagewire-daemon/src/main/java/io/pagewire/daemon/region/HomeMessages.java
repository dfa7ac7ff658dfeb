package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.wire.PeerLayout;
import java.nio.charset.StandardCharsets;

/**
 * What home says to hosts that may write. On a circuit that is closed it goes nowhere.
 *
 * <p>Stateless; used on the region's event loop.
 */
final class HomeMessages {
    private HomeMessages() {}

    /** The copy there may be written. */
    static void upgraded(Circuit to, int request, long page, int grantNumber) {
        ByteBuf message = to.begin(PeerLayout.UPGRADED, PeerLayout.WANT_LENGTH);
        message.writeIntLE(request).writeIntLE(1).writeLongLE(page);
        to.send(message.writeIntLE(grantNumber).writeIntLE(0));
    }

    /** The page must come back, and at most {@code left} may stay. */
    static void recall(Circuit to, long page, Right left, int operation) {
        ByteBuf message = to.begin(PeerLayout.RECALL, PeerLayout.MARKED_RANGE_LENGTH);
        message.writeLongLE(page).writeIntLE(1).writeIntLE(operation);
        to.send(message.writeIntLE(left.code()).writeIntLE(0));
    }

    /** Bytes that came home are stored (cause 0), or lost. */
    static void acknowledged(Circuit to, long firstPage, int count, int grantNumber, int cause) {
        ByteBuf message = to.begin(PeerLayout.WB_ACK, PeerLayout.MARKED_RANGE_LENGTH);
        message.writeLongLE(firstPage).writeIntLE(count).writeIntLE(grantNumber);
        to.send(message.writeIntLE(cause).writeIntLE(0));
    }

    /** The pages went back to what home had, because their holder is gone. */
    static void lost(Circuit to, long firstPage, int count, String holder) {
        byte[] host = holder.getBytes(StandardCharsets.UTF_8);
        ByteBuf message = to.begin(PeerLayout.LOST, PeerLayout.LOST_HOST + host.length);
        message.writeLongLE(firstPage).writeIntLE(count);
        to.send(message.writeShortLE(host.length).writeBytes(host));
    }
}
