package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.directory.OwnerListener;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A region whose home this host calls: what {@link ClientCalls} and {@link ClientCircuit} need to know of it and tell it,
 * whatever its sharing type is (SPEC: V2, V8-V11).
 *
 * <p>Belongs to the region's event loop.
 */
public abstract class CallingRuntime extends RegionRuntime implements OwnerListener {
    private final ClientCalls calls;
    private final LossReport losses;

    protected CallingRuntime(RegionContext context, RegionRecord record, EventLoop loop) throws IOException {
        super(context, record, loop);
        this.calls = new ClientCalls(this, context);
        this.losses = new LossReport(record.name(), context.losses(), (first, count, holder) -> tellLost(first, count));
    }

    /** 1 to 4: what the call setup says. */
    abstract int sharingType();

    /** The highest right that programs of this host need of the circuit. */
    abstract Right wantedRight();

    /** Whether a circuit is up, as far as this region knows. */
    abstract boolean isUp();

    abstract void circuitUp(int circuitId);

    /** The attempt to set a circuit up came to nothing; {@link #why} has the details. */
    abstract void circuitFailed(FaultCause cause);

    /** The circuit that was up is lost. */
    abstract void circuitLost(FaultCause cause);

    /** Rights that depend on the circuit end then: ns of CLOCK_BOOTTIME, 0 = now. */
    abstract void leaseMoved(long endBootNs);

    /** A part of a long message has moved on the circuit, which is up. */
    abstract void circuitMoved(long now);

    /** More may be sent on the circuit, which is up. */
    void circuitWritable() {
        // What programs wrote waits in the outbox, which sends it by itself.
    }

    /** A message of home that belongs neither to the call nor to the lease; null, or why it breaks the protocol. */
    abstract String message(int type, ByteBuf bytes, int at, int length);

    /** Brings what programs of this host wrote home and to its disk; {@code done} runs once. Pages are within the region. */
    public abstract void force(Mapping by, long firstPage, int count, Consumer<ControlReply> done);

    /** Whether a force of many pages is work for the loop, so that it is to come in parts. */
    public boolean forcesInParts() {
        return true;
    }

    /** Whether programs have rights that end with the lease; when not, a circuit on which anything comes is kept. */
    boolean rightsNeedLease() {
        return true;
    }

    /** Where written pages wait to go home over this circuit; null in a region whose pages never do. */
    ClientOutbox outbox(Circuit connected) {
        return null;
    }

    /** Whether written pages are here that must be handed back with the next call. */
    boolean keepsBytes() {
        return false;
    }

    /** SETUP has been sent, and {@link #keepsBytes}: puts all of them into the outbox. */
    void handBack() {
        throw new IllegalStateException("nothing is ever written here that home does not have");
    }

    /** Tells of lost pages; its timer is the region's. */
    final LossReport losses() {
        return losses;
    }

    /** Home says that pages went back to what it had. Null, or why the message cannot be valid. */
    final String lost(ByteBuf bytes, int at, int length) {
        if (length < PeerLayout.LOST_HOST
                || length - PeerLayout.LOST_HOST != bytes.getUnsignedShortLE(at + PeerLayout.LOST_HOST_LENGTH)) {
            return "LOST of " + length + " bytes";
        }
        long first = bytes.getLongLE(at + PeerLayout.RANGE_FIRST);
        int count = bytes.getIntLE(at + PeerLayout.RANGE_COUNT);
        if (!record().anyWriter() || count < 1 || first < 0 || first > record().span() / record().pageSize() - count) {
            return "LOST of " + count + " pages from page " + first;
        }
        losses.add(
                first,
                count,
                bytes.toString(at + PeerLayout.LOST_HOST, length - PeerLayout.LOST_HOST, StandardCharsets.UTF_8));
        return null;
    }

    final ClientCalls calls() {
        return calls;
    }

    /** Null when there is none. */
    final ClientCircuit circuit() {
        return calls.circuit();
    }

    /** The user the circuit was, or will be, set up for. */
    final int user() {
        return calls.user();
    }

    @Override
    protected final boolean isHome() {
        return false;
    }

    @Override
    protected final long epoch() {
        return circuit() == null ? 0 : circuit().owner().epoch();
    }

    // ---- the owner, as the directory sees it ---------------------------------------------------------------------

    @Override
    public final void ownerChanged(OwnerRecord owner) {
        loop().execute(() -> {
            if (!isClosed()) {
                calls.ownerChanged(owner);
            }
        });
    }

    @Override
    public final void ownerGone(int regionId) {
        // The circuit tells sooner and surer whether the owner can still be reached.
    }

    @Override
    public final void regionDeleted(int regionId) {
        loop().execute(this::deleted);
    }
}
