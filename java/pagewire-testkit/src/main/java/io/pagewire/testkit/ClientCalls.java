package io.pagewire.testkit;

import io.pagewire.core.Cause;
import io.pagewire.core.ClientLease;

/**
 * The circuit of a client: finds the owner, calls it, hands written pages back before the call is accepted, keeps the lease.
 *
 * <p>Not thread-safe.
 */
final class ClientCalls implements Circuit.End {
    /** Ticks within which somebody who keeps written pages must have called home again. */
    private static final int MOST_IDLE_TICKS = 80;

    private final ClientNode node;
    private final Daemon daemon;
    private final Host host;
    private final SharedRegion shared;
    private final Simulation world;
    private final int circuitId;
    private Circuit circuit;
    private boolean accepted;
    private int attempt;
    private long setupSent;
    private long connectDeadline;
    private ClientLease lease;
    private long leaseEnd;
    private int idleTicks;

    ClientCalls(ClientNode node) {
        this.node = node;
        this.daemon = node.daemon;
        this.host = node.host;
        this.shared = node.shared;
        this.world = node.world;
        this.circuitId = shared.homeHost + 1 << 24 | shared.number + 1;
    }

    Circuit circuit() {
        return circuit;
    }

    boolean connected() {
        return circuit != null && accepted && !circuit.clientClosed();
    }

    long leaseEnd() {
        return leaseEnd;
    }

    void resolve() {
        int mine = ++attempt;
        accepted = false;
        idleTicks = 0;
        long delay = world.network.delay();
        daemon.after(delay, () -> {
            if (mine == attempt) {
                resolved();
            }
        });
    }

    private void resolved() {
        if (!world.directory.reachable(host.number)) {
            node.region().circuitFailed(Cause.DIRECTORY_UNREACHABLE, host.clock());
        } else if (!world.directory.hasOwner(shared)) {
            node.region().circuitFailed(Cause.NO_OWNER, host.clock());
        } else {
            circuit = world.network.open(shared, shared.epoch, host.number, shared.homeHost, this);
            setupSent = host.clock();
            connectDeadline = setupSent + Times.CONNECT_TIMEOUT;
            boolean handsBack = node.region().keepsBytes();
            send(Message.setup(daemon.session, daemon.nextIncarnation(), setupSent, handsBack));
            if (handsBack) {
                node.region().handBack(setupSent);
                send(Message.beat(Message.Kind.HANDED, setupSent));
            }
        }
    }

    @Override
    public Actor process() {
        return daemon;
    }

    @Override
    public void received(Circuit from, Message message) {
        if (from != circuit) {
            return;
        }
        long now = host.clock();
        if (message.kind() == Message.Kind.WB_ACK) {
            node.acknowledged(message, now);
        } else if (!accepted) {
            answered(message, now);
        } else if (message.kind() == Message.Kind.ECHO) {
            if (!world.bug(Bug.LEASE_FROM_LAST_MESSAGE)) {
                node.expectValid(lease.echoed(message.time()));
            }
        } else {
            node.received(message, now);
        }
        if (lease != null) {
            leaseEnd = world.bug(Bug.LEASE_FROM_LAST_MESSAGE) ? now + Times.CLIENT_DEADLINE : lease.endNs();
        }
    }

    private void answered(Message message, long now) {
        if (message.kind() == Message.Kind.REFUSE) {
            close(false);
            node.region().circuitFailed(message.number(), now);
            return;
        }
        ClientLease granted = new ClientLease(Times.HEARTBEAT, Times.CLIENT_DEADLINE, setupSent);
        if (granted.expired(now)) {
            close(false);
            node.region().circuitFailed(Cause.OWNER_LOST, now);
            return;
        }
        accepted = true;
        lease = granted;
        leaseEnd = lease.endNs();
        node.region().circuitUp(circuitId, now);
    }

    @Override
    public void ended(Circuit from) {
        if (from == circuit) {
            lost(Cause.OWNER_LOST, "ended");
        }
    }

    private void lost(int cause, String why) {
        world.trace("host %d, region %d: circuit %d %s", host.number, shared.number, circuit.number, why);
        boolean wasUp = accepted;
        if (wasUp && world.bug(Bug.LEAVE_TOO_EARLY)) {
            circuit.sendUp(Message.beat(Message.Kind.LEFT, 0));
        }
        close(false);
        lease = null;
        if (wasUp) {
            node.region().circuitLost(cause, host.clock());
            if (world.bug(Bug.RECONNECT_TOO_EARLY)) {
                // Home takes the SETUP for the promise that nothing is held any more.
                Circuit early = world.network.open(shared, shared.epoch, host.number, shared.homeHost, this);
                early.sendUp(Message.setup(daemon.session, daemon.nextIncarnation(), host.clock(), false));
            }
        } else {
            node.region().circuitFailed(cause, host.clock());
        }
    }

    private void close(boolean silently) {
        circuit.closeClient(silently);
        circuit = null;
        accepted = false;
        attempt++;
        idleTicks = 0;
    }

    void tick(long now) {
        if (circuit != null && !accepted && now - connectDeadline >= 0) {
            lost(Cause.OWNER_LOST, "was not accepted in time");
        } else if (lease != null) {
            if (now - leaseEnd >= 0) {
                lost(Cause.OWNER_LOST, "has lost its lease");
            } else if (lease.heartbeatDue(now)) {
                lease.heartbeatSent(now);
                send(Message.beat(Message.Kind.HEARTBEAT, now));
            }
        }
        idleTicks = circuit == null && node.region().keepsBytes() ? idleTicks + 1 : 0;
        if (idleTicks > MOST_IDLE_TICKS) {
            throw new Violation(node.where() + "written pages are kept here, and nobody calls home to hand them back");
        }
    }

    /** Everything was given up before: home need not wait for any deadline. */
    void leave() {
        world.trace("host %d, region %d: leaves on circuit %d", host.number, shared.number, circuit.number);
        circuit.sendUp(Message.beat(Message.Kind.LEFT, 0));
        close(false);
        lease = null;
        node.region().circuitLost(Cause.OWNER_LOST, host.clock());
    }

    void crashed(boolean silently) {
        if (circuit != null) {
            circuit.closeClient(silently);
        }
    }

    void hangUp() {
        if (circuit != null) {
            close(false);
            lease = null;
        }
    }

    void send(Message message) {
        if (circuit != null) {
            circuit.sendUp(message);
        }
    }
}
