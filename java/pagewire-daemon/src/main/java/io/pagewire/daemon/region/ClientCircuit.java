package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.core.ClientLease;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitEvents;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;

/**
 * The client's end of one circuit, from call setup to the end of the connection: keeps the lease by echoed heartbeats and
 * hands the rest to the runtime.
 *
 * <p>Belongs to the region's event loop.
 */
final class ClientCircuit implements CircuitEvents {
    private final CallingRuntime client;
    private final ClientCalls calls;
    private final OwnerRecord owner;
    private final long intervalNs;
    private final long leaseNs;
    private ClientLease lease;
    private Circuit circuit;
    private ClientOutbox outbox;
    private Right right;
    private boolean handsBack;
    private boolean up;
    private boolean over;
    private long roundTripNs;
    private long reads;
    private long heardBootNs;

    ClientCircuit(
            CallingRuntime client,
            ClientCalls calls,
            OwnerRecord owner,
            long intervalNs,
            long leaseNs,
            long setupBootNs) {
        this.client = client;
        this.calls = calls;
        this.owner = owner;
        this.intervalNs = intervalNs;
        this.leaseNs = leaseNs;
        this.lease = new ClientLease(intervalNs, leaseNs, setupBootNs);
    }

    /** @param written where written pages wait to go home on this circuit; null in a region whose pages never do */
    void connected(Circuit connected, ClientOutbox written, Right wanted) {
        circuit = connected;
        right = wanted;
        circuit.alwaysReads();
        outbox = written;
    }

    /** Everything that the core has to hand back is in the outbox: says so to home as soon as it has left. */
    void handBack() {
        handsBack = true;
        outbox.whenEmpty(() -> {
            long now = Sys.bootTimeNs();
            lease = new ClientLease(intervalNs, leaseNs, now);
            circuit.sendBeat(PeerLayout.HANDED, now);
        });
    }

    /** Written pages on their way home. */
    ClientOutbox outbox() {
        return outbox;
    }

    /** The highest right that the call asks for. */
    Right right() {
        return right;
    }

    Circuit circuit() {
        return circuit;
    }

    OwnerRecord owner() {
        return owner;
    }

    boolean isUp() {
        return up && !over;
    }

    /** Newest round trip of a heartbeat, ns; 0 before the first. */
    long roundTripNs() {
        return roundTripNs;
    }

    /** End of all rights that depend on this circuit, ns of CLOCK_BOOTTIME. */
    long leaseEndBootNs() {
        return lease.endNs();
    }

    /** Nothing that still comes counts any more; programs of this host may have rights still, and home waits for the lease. */
    void end(int cause, String reason) {
        end(PeerLayout.BYE, cause, reason);
    }

    /** Like {@link #end}, when no program of this host has a right: home need not wait. */
    void leave(String reason) {
        end(PeerLayout.LEFT, Cause.CLOSED, reason);
    }

    private void end(int type, int cause, String reason) {
        if (over) {
            return;
        }
        over = true;
        if (circuit != null) {
            circuit.sendLast(type, cause, reason);
        }
    }

    /** Sends a heartbeat when one is due; false when the circuit is to be given up. */
    boolean beat() {
        long now = Sys.bootTimeNs();
        if (lease.expired(now) && (client.rightsNeedLease() || isSilent(now))) {
            return false;
        }
        if (lease.heartbeatDue(now)) {
            lease.heartbeatSent(now);
            circuit.sendBeat(PeerLayout.HEARTBEAT, now);
        }
        return true;
    }

    /** Whether nothing at all has come for the lease; an echo may stand behind megabytes. */
    private boolean isSilent(long now) {
        if (circuit.reads() != reads) {
            reads = circuit.reads();
            heardBootNs = now;
        }
        return now - heardBootNs >= leaseNs;
    }

    @Override
    public String message(Circuit from, int type, ByteBuf bytes, int at, int length) {
        if (over) {
            return null;
        }
        if (!up) {
            return answer(type, bytes, at, length);
        }
        return switch (type) {
            case PeerLayout.ECHO -> echo(bytes, at, length);
            case PeerLayout.BYE -> bye(bytes, at, length);
            default -> client.message(type, bytes, at, length);
        };
    }

    @Override
    public void writable(Circuit which) {
        if (over) {
            return;
        }
        if (outbox != null) {
            outbox.drain();
        }
        if (up) {
            client.circuitWritable();
        }
    }

    @Override
    public void moved(Circuit which) {
        if (up && !over) {
            client.circuitMoved(System.nanoTime());
        } else if (!over && handsBack) {
            calls.progressed(this);
        }
    }

    private String answer(int type, ByteBuf bytes, int at, int length) {
        if (type == PeerLayout.ACCEPT && length == PeerLayout.ACCEPT_LENGTH) {
            long span = bytes.getLongLE(at + PeerLayout.ACCEPT_SPAN);
            int pageSize = bytes.getIntLE(at + PeerLayout.ACCEPT_PAGE_SIZE);
            String problem = calls.acceptable(span, pageSize, bytes.getIntLE(at + PeerLayout.ACCEPT_HOME_DEADLINE_MS));
            if (problem == null) {
                up = true;
                calls.accepted(this);
            }
            return problem;
        }
        if (type == PeerLayout.REFUSE) {
            Reason reason = Reason.read(bytes, at, length);
            if (reason == null) {
                return "malformed REFUSE";
            }
            over = true;
            circuit.close(reason.text());
            calls.refused(this, reason);
            return null;
        }
        if (type == PeerLayout.WB_ACK && handsBack) {
            calls.progressed(this);
            return client.message(type, bytes, at, length);
        }
        return "message of type " + type + " and " + length + " bytes in answer to a call";
    }

    private String echo(ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.BEAT_LENGTH) {
            return "ECHO of " + length + " bytes";
        }
        long sent = bytes.getLongLE(at);
        String problem = lease.echoed(sent);
        if (problem == null) {
            roundTripNs = Sys.bootTimeNs() - sent;
            circuit.roundTrip(roundTripNs);
            calls.leaseMoved(this);
        }
        return problem;
    }

    private String bye(ByteBuf bytes, int at, int length) {
        Reason reason = Reason.read(bytes, at, length);
        if (reason == null) {
            return "malformed BYE";
        }
        over = true;
        circuit.close(reason.text());
        calls.lost(this, reason.cause(), reason.text());
        return null;
    }

    @Override
    public void closed(Circuit which, String reason) {
        if (over) {
            return;
        }
        over = true;
        calls.lost(this, FaultCause.OWNER_LOST, reason);
    }
}
