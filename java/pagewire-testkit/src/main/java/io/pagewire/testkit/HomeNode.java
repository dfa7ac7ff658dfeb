package io.pagewire.testkit;

import io.pagewire.core.Cause;
import io.pagewire.core.HomeLease;
import io.pagewire.core.HomePort;
import io.pagewire.core.HomeRegion;
import io.pagewire.core.Right;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The adapter of a home region: accepts circuits, answers heartbeats, gives hosts up when their lease has run out.
 *
 * <p>Not thread-safe.
 */
final class HomeNode extends Node implements HomePort {
    /** One daemon session of another host. */
    private static final class Slot {
        final int number;
        final int session;
        Circuit circuit;
        HomeLease lease;
        long heardAt;
        int incarnation;

        Slot(int number, int session) {
            this.number = number;
            this.session = session;
        }
    }

    private final HomeRegion region;
    private final List<Slot> slots = new ArrayList<>();
    private final int firstSlot;
    private long epoch;

    HomeNode(Daemon daemon, SharedRegion shared) {
        super(daemon, shared);
        this.region = new HomeRegion(shared.geometry, this, this, Times.home(world.runPages));
        // Some regions number their hosts so high that these share a bit of the copyset.
        this.firstSlot = shared.number % 2 == 0 ? 0 : 30;
    }

    HomeRegion region() {
        return region;
    }

    /** The claim was made anew: circuits of the old epoch are closed. */
    void newEpoch(long newest) {
        epoch = newest;
        for (Slot slot : slots) {
            slot.circuit.closeHome(false);
        }
    }

    void received(Circuit circuit, Message message) {
        if (message.kind() == Message.Kind.SETUP) {
            setup(circuit, message);
            return;
        }
        Slot slot = slotOf(circuit);
        if (slot == null) {
            return;
        }
        long now = host.clock();
        switch (message.kind()) {
            case HEARTBEAT -> {
                slot.heardAt = now;
                slot.lease.echoSent(now);
                circuit.sendDown(Message.beat(Message.Kind.ECHO, message.time()));
            }
            case FETCH ->
                expectValid(region.fetch(slot.number, message.number(), message.first(), message.count(), now));
            case AHEAD ->
                expectValid(region.fetchAhead(slot.number, message.number(), message.first(), message.count(), now));
            case PURGED -> {
                if (!world.bug(Bug.GRANT_BEFORE_ANSWER)) {
                    expectValid(region.purged(slot.number, message.first(), message.count(), message.tag(), now));
                }
            }
            case RELEASE ->
                expectValid(region.release(slot.number, message.first(), message.count(), message.tag(), now));
            case LEFT -> gone(slot, "left");
            default -> throw new IllegalStateException("home got " + message);
        }
    }

    private Slot slotOf(Circuit circuit) {
        for (Slot slot : slots) {
            if (slot.circuit == circuit) {
                return slot;
            }
        }
        return null;
    }

    private void setup(Circuit circuit, Message message) {
        if (shared.lost || circuit.epoch != epoch) {
            circuit.sendDown(Message.refuse(shared.lost ? Cause.DATA_LOST : Cause.NO_OWNER));
            circuit.closeHome(false);
            return;
        }
        Slot slot = null;
        for (Slot known : slots) {
            if (known.session == message.number()) {
                slot = known;
            }
        }
        if (slot != null && message.tag() - slot.incarnation <= 0 && !world.bug(Bug.ACCEPT_OVERTAKEN_CALL)) {
            world.trace(
                    "host %d, region %d: a call of session %d comes too late",
                    host.number, shared.number, slot.session);
            circuit.sendDown(Message.refuse(Cause.OWNER_LOST));
            circuit.closeHome(false);
            return;
        }
        if (slot != null && world.bug(Bug.KEEP_OLD_INCARNATION)) {
            slot.circuit = circuit;
        } else {
            if (slot != null) {
                gone(slot, "comes back");
            }
            slot = new Slot(freeNumber(), message.number());
            slot.circuit = circuit;
            slots.add(slot);
            region.hostJoined(slot.number, circuit.number, true, host.clock());
        }
        world.trace(
                "host %d, region %d: session %d joins as slot %d",
                host.number, shared.number, slot.session, slot.number);
        slot.incarnation = message.tag();
        slot.lease = new HomeLease(Times.HOME_DEADLINE, host.clock());
        circuit.sendDown(Message.beat(Message.Kind.ACCEPT, message.time()));
    }

    private int freeNumber() {
        for (int number = firstSlot; ; number++) {
            int wanted = number;
            if (slots.stream().noneMatch(slot -> slot.number == wanted)) {
                return number;
            }
        }
    }

    private void gone(Slot slot, String why) {
        world.trace("host %d, region %d: slot %d %s", host.number, shared.number, slot.number, why);
        slot.circuit.closeHome(false);
        slots.remove(slot);
        region.hostGone(slot.number, host.clock());
    }

    /** The circuit is closed; what its host may still hold is known only when its lease has run out. */
    void ended(Circuit circuit) {
        Slot slot = slotOf(circuit);
        if (slot != null && world.bug(Bug.GIVE_UP_AT_ONCE)) {
            gone(slot, "is given up at once");
        }
    }

    void tick(long now) {
        for (Slot slot : List.copyOf(slots)) {
            if (slot.lease.expired(now)) {
                gone(slot, "has not been heard of for too long");
            } else if (world.bug(Bug.LEASE_FROM_LAST_MESSAGE)) {
                // The wrong reading: either side sends heartbeats of its own, and counts from the last it received.
                slot.circuit.sendDown(Message.beat(Message.Kind.ECHO, now));
            }
        }
        region.tick(now);
    }

    void crashed(boolean silently) {
        for (Slot slot : slots) {
            slot.circuit.closeHome(silently);
        }
    }

    @Override
    public int sendPages(
            int number, int request, long first, int count, int grantNumber, boolean last, boolean exclusive) {
        int page = (int) first;
        if (shared.bad[page]) {
            return Cause.FILE_ERROR;
        }
        if (shared.coldPercent > 0 && world.random.nextInt(100) < shared.coldPercent) {
            long delay = world.random.nextLong(5 * Times.MS);
            daemon.after(delay, () -> region.dataReady(first, shared.bad[page] ? Cause.FILE_ERROR : 0, host.clock()));
            return WARMING;
        }
        world.oracle.pagesLeaveHome(shared, page, count);
        Slot slot = slot(number);
        long[] values = Arrays.copyOfRange(shared.frames, page, page + count);
        slot.circuit.sendDown(Message.pages(request, first, grantNumber, last, values));
        if (world.bug(Bug.FORGET_HOLDER) && world.random.nextInt(50) == 0) {
            daemon.after(0, () -> {
                if (slots.contains(slot)) {
                    region.release(number, first, count, grantNumber, host.clock());
                }
            });
        }
        return SENT;
    }

    @Override
    public void decline(int number, int request, long first, int count, int cause) {
        slot(number).circuit.sendDown(Message.run(Message.Kind.DECLINE, request, first, count, cause));
    }

    @Override
    public void purge(int number, long first, int count, int operation) {
        Slot slot = slot(number);
        slot.circuit.sendDown(Message.run(Message.Kind.PURGE, 0, first, count, operation));
        if (world.bug(Bug.GRANT_BEFORE_ANSWER)) {
            daemon.after(0, () -> {
                if (slots.contains(slot)) {
                    region.purged(number, first, count, operation, host.clock());
                }
            });
        }
    }

    @Override
    public void hangUp(int number, int cause) {
        Slot slot = slot(number);
        if (host.clock() - slot.heardAt < 2 * Times.HEARTBEAT) {
            throw new Violation(world.where() + "region " + shared.number + ": slot " + number
                    + " keeps its circuit alive, but has not answered a purge for D_home");
        }
        slot.circuit.closeHome(false);
    }

    private Slot slot(int number) {
        for (Slot slot : slots) {
            if (slot.number == number) {
                return slot;
            }
        }
        throw new Violation(
                world.where() + "region " + shared.number + ": the core speaks to slot " + number + ", which is gone");
    }

    /** The slot that speaks on this circuit, or -1. */
    int slotOn(Circuit circuit) {
        Slot slot = slotOf(circuit);
        return slot == null ? -1 : slot.number;
    }

    /** Bits of the copyset that may stand at rest. */
    int joinedBits() {
        int bits = 0;
        for (Slot slot : slots) {
            bits |= 1 << Math.min(slot.number, 31);
        }
        return bits;
    }

    @Override
    Right open(Mapping mapping, Right highest) {
        return region.mappingOpened(mapping.id, highest);
    }

    @Override
    void mappingGone(Mapping mapping) {
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
        return daemon.directoryLeaseEnd();
    }

    @Override
    long[] frames() {
        return shared.frames;
    }

    @Override
    long entry(int page) {
        return region.entry(page);
    }

    @Override
    public void upgrade(int slot, int request, long page, int grantNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void recall(int slot, long page, Right left, int operation) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int store(long firstPage, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void acknowledge(int slot, long firstPage, int count, int grantNumber, int cause) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void lost(long firstPage, int count, int slot) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int reserveForWrite(long firstPage, int count) {
        return 0;
    }

    @Override
    public int applyPublished(int slot, long page) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void published(int slot, long page, int cause) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void discard(long firstPage, int count) {
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
