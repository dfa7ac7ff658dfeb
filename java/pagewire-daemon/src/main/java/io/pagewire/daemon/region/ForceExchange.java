package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.util.function.Consumer;

/**
 * Has home bring to its disk what was published before (SPEC: V9, V11).
 *
 * <p>Belongs to the region's event loop.
 */
final class ForceExchange extends Exchange {
    private final PreloadedRuntime region;
    private int request;

    ForceExchange(PreloadedRuntime region, Consumer<ControlReply> done) {
        super(done);
        this.region = region;
    }

    @Override
    void begin(Circuit circuit, long epoch) {
        request = region.nextRequest();
        ByteBuf message = circuit.begin(PeerLayout.FORCE, PeerLayout.FORCE_LENGTH);
        circuit.send(message.writeIntLE(request).writeIntLE(0));
    }

    @Override
    boolean outlivesMappings() {
        return false;
    }

    @Override
    String message(int type, ByteBuf bytes, int at, int length) {
        if (type == PeerLayout.FORCING && length == PeerLayout.FORCE_LENGTH) {
            progress();
            return null;
        }
        if (type != PeerLayout.FORCED
                || length != PeerLayout.FORCE_LENGTH
                || bytes.getIntLE(at + PeerLayout.SYNC_REQUEST) != request) {
            return "message of type " + type + " and " + length + " bytes where FORCED was due";
        }
        int cause = bytes.getIntLE(at + PeerLayout.SYNC_CAUSE);
        if (cause == 0) {
            region.exchanges().ended(this, ControlReply.ok());
        } else {
            FaultCause why = FaultCause.of(cause);
            region.exchanges().fail(why, "what was published is not on home's disk: " + why.text());
        }
        return null;
    }
}
