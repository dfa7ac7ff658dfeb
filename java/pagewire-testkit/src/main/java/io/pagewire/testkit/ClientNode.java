package io.pagewire.testkit;

import io.pagewire.core.Cause;
import io.pagewire.core.ClientLease;
import io.pagewire.core.ClientPort;
import io.pagewire.core.ClientRegion;
import io.pagewire.core.Right;
import java.util.Arrays;

/**
 * The adapter of a client region: finds the owner, opens the circuit, keeps the lease, writes what arrives into the frames.
 *
 * <p>Not thread-safe.
 */
final class ClientNode extends Node implements ClientPort, Circuit.End {
    /** What a frame holds that was given back. */
    static final long NOTHING = -1;

    private final ClientRegion region;
    private final long[] frames;
    private final int circuitId;
    private Circuit circuit;
    private boolean accepted;
    private int attempt;
    private long setupSent;
    private long connectDeadline;
    private ClientLease lease;
    private long leaseEnd;
    private int mappings;

    ClientNode(Daemon daemon, SharedRegion shared) {
        super(daemon, shared);
        this.region = new ClientRegion(shared.geometry, this, this, Times.client(world.runPages));
        this.frames = new long[shared.pages()];
        this.circuitId = shared.homeHost + 1 << 24 | shared.number + 1;
        Arrays.fill(frames, NOTHING);
    }

    ClientRegion region() {
        return region;
    }

    Circuit circuit() {
        return circuit;
    }

    boolean connected() {
        return circuit != null && accepted && !circuit.clientClosed();
    }

    @Override
    public void resolve() {
        int mine = ++attempt;
        accepted = false;
        long delay = world.network.delay();
        daemon.after(delay, () -> {
            if (mine == attempt) {
                resolved(mine);
            }
        });
    }

    private void resolved(int mine) {
        if (!world.directory.reachable(host.number)) {
            region.circuitFailed(Cause.DIRECTORY_UNREACHABLE, host.clock());
        } else if (!world.directory.hasOwner(shared)) {
            region.circuitFailed(Cause.NO_OWNER, host.clock());
        } else {
            circuit = world.network.open(shared, shared.epoch, host.number, shared.homeHost, this);
            setupSent = host.clock();
            connectDeadline = setupSent + Times.CONNECT_TIMEOUT;
            circuit.sendUp(Message.setup(daemon.session, daemon.nextIncarnation(), setupSent));
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
        if (!accepted) {
            answered(message, now);
            return;
        }
        switch (message.kind()) {
            case ECHO -> {
                if (!world.bug(Bug.LEASE_FROM_LAST_MESSAGE)) {
                    expectValid(lease.echoed(message.time()));
                }
            }
            case PAGES -> {
                int first = (int) message.first();
                int count = message.values().length;
                expectValid(region.arriving(message.number(), first, count, false));
                System.arraycopy(message.values(), 0, frames, first, count);
                region.arrived(message.number(), first, count, message.tag(), message.last(), false, now);
            }
            case DECLINE ->
                expectValid(region.declined(message.number(), message.first(), message.count(), message.tag(), now));
            case PURGE -> {
                if (world.bug(Bug.ANSWER_PURGE_EARLY)) {
                    send(Message.run(Message.Kind.PURGED, 0, message.first(), message.count(), message.tag()));
                }
                expectValid(region.purge(message.first(), message.count(), message.tag(), now));
            }
            default -> throw new IllegalStateException("client got " + message);
        }
        if (lease != null) {
            leaseEnd = world.bug(Bug.LEASE_FROM_LAST_MESSAGE) ? now + Times.CLIENT_DEADLINE : lease.endNs();
        }
    }

    private void answered(Message message, long now) {
        if (message.kind() == Message.Kind.REFUSE) {
            close(false);
            region.circuitFailed(message.number(), now);
            return;
        }
        ClientLease granted = new ClientLease(Times.HEARTBEAT, Times.CLIENT_DEADLINE, setupSent);
        if (granted.expired(now)) {
            close(false);
            region.circuitFailed(Cause.OWNER_LOST, now);
            return;
        }
        accepted = true;
        lease = granted;
        leaseEnd = lease.endNs();
        region.circuitUp(circuitId, now);
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
            region.circuitLost(cause, host.clock());
            if (world.bug(Bug.RECONNECT_TOO_EARLY)) {
                // Home takes the SETUP for the promise that nothing is held any more.
                Circuit early = world.network.open(shared, shared.epoch, host.number, shared.homeHost, this);
                early.sendUp(Message.setup(daemon.session, daemon.nextIncarnation(), host.clock()));
            }
        } else {
            region.circuitFailed(cause, host.clock());
        }
    }

    private void close(boolean silently) {
        circuit.closeClient(silently);
        circuit = null;
        accepted = false;
        attempt++;
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
        if (world.mayDisturb() && world.random.nextInt(100) == 0) {
            int first = world.random.nextInt(shared.pages());
            region.drop(first, 1 + world.random.nextInt(shared.pages() - first), now);
        }
        region.tick(now);
    }

    /** Orderly end of sharing: everything is given up first, so home need not wait for any deadline. */
    void leave() {
        if (connected() && mappings == 0) {
            Circuit old = circuit;
            world.trace("host %d, region %d: leaves on circuit %d", host.number, shared.number, old.number);
            old.sendUp(Message.beat(Message.Kind.LEFT, 0));
            close(false);
            lease = null;
            region.circuitLost(Cause.OWNER_LOST, host.clock());
        }
    }

    void crashed(boolean silently) {
        if (circuit != null) {
            circuit.closeClient(silently);
        }
    }

    private void send(Message message) {
        if (circuit != null) {
            circuit.sendUp(message);
        }
    }

    @Override
    public void fetch(int request, long first, int count) {
        send(Message.run(Message.Kind.FETCH, request, first, count, 0));
    }

    @Override
    public void fetchAhead(int request, long first, int count) {
        send(Message.run(Message.Kind.AHEAD, request, first, count, 0));
    }

    @Override
    public void purged(long first, int count, int operation) {
        if (world.bug(Bug.ANSWER_PURGE_EARLY) || world.bug(Bug.LOSE_PURGE_ANSWER) && world.random.nextInt(20) == 0) {
            return;
        }
        Message answer = Message.run(Message.Kind.PURGED, 0, first, count, operation);
        send(answer);
        if (world.bug(Bug.ANSWER_PURGE_TWICE) && world.random.nextInt(20) == 0) {
            daemon.after(Times.MS, () -> send(answer));
        }
    }

    @Override
    public void release(long first, int count, int grantNumber) {
        send(Message.run(Message.Kind.RELEASE, 0, first, count, grantNumber));
    }

    @Override
    public void discard(long first, int count) {
        world.oracle.framesGivenBack(this, (int) first, count);
        Arrays.fill(frames, (int) first, (int) first + count, NOTHING);
    }

    @Override
    public void hangUp(int cause) {
        if (circuit != null) {
            close(false);
            lease = null;
        }
    }

    @Override
    Right open(Mapping mapping, Right highest) {
        mappings++;
        return region.mappingOpened(mapping.id, highest);
    }

    @Override
    void mappingGone(Mapping mapping) {
        mappings--;
        region.mappingGone(mapping.id, host.clock());
    }

    @Override
    void fault(Mapping mapping, int line, int request, int page, Right wanted) {
        region.localFault(mapping.id, line, request, page, wanted, host.clock());
    }

    @Override
    void lineLost(Mapping mapping, int line) {
        region.lineLost(mapping.id, line);
    }

    @Override
    void revoked(Mapping mapping, long sequence) {
        region.revoked(mapping.id, sequence, host.clock());
    }

    @Override
    long leaseEnd() {
        return leaseEnd;
    }

    @Override
    long[] frames() {
        return frames;
    }

    @Override
    long entry(int page) {
        return region.entry(page);
    }

    @Override
    public void want(int request, long firstPage, int count, int heldGrant) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void recalled(long page, int operation, Right left, boolean bytes, int grantNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void writeBack(long firstPage, int count, Right left, int grantNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void handBack(long firstPage, int count, int grantNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void flushed(int token, int cause) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void lost(long firstPage, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int spill(long page) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int load(long page, int sector) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void forget(int sector) {
        throw new UnsupportedOperationException();
    }
}
