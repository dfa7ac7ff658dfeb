package io.pagewire.testkit;

import io.pagewire.core.Cause;
import io.pagewire.core.HomeLease;
import java.util.ArrayList;
import java.util.List;

/**
 * The hosts that have called a home: their circuits, their leases, and the calls that hand written pages back before they are
 * accepted.
 *
 * <p>Not thread-safe.
 */
final class HomeCalls {
    /** Absent hosts that hold nothing and are remembered nevertheless. */
    private static final int MOST_EMPTY = 1;

    /** One daemon session of another host. */
    static final class Slot {
        final int number;
        final int session;
        Circuit circuit;
        HomeLease lease;
        long heardAt;
        int incarnation;

        /** Its new circuit hands back what the old one held: nothing but acknowledgements may be sent on it. */
        boolean handing;

        /** Its lease has run out, but it may come back with what it has written. */
        boolean absent;

        /** Its circuit does not take pages at present. */
        boolean full;

        /** It had a circuit before this one: of that one's grants home knows nothing any more. */
        boolean returned;

        Slot(int number, int session) {
            this.number = number;
            this.session = session;
        }

        void send(Message message) {
            if (!handing || message.kind() == Message.Kind.WB_ACK) {
                circuit.sendDown(message);
            }
        }
    }

    /** A session home knows nothing of, or nothing any more, hands pages back. */
    private record Stranger(Circuit circuit, int session, int incarnation) {}

    private final HomeNode node;
    private final Simulation world;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Stranger> strangers = new ArrayList<>();
    private final int firstSlot;
    private long epoch;

    HomeCalls(HomeNode node) {
        this.node = node;
        this.world = node.world;
        // Some regions number their hosts so high that these share a bit of the copyset.
        this.firstSlot = node.shared.number % 2 == 0 ? 0 : 30;
    }

    /** What an earlier life of this home knew: all these hosts are absent. */
    void restore() {
        if (node.shared.book == null) {
            return;
        }
        for (HolderBook.Entry entry : node.shared.book.entries()) {
            Slot slot = new Slot(freeNumber(), entry.session);
            slot.circuit = entry.circuit;
            slot.incarnation = entry.incarnation;
            slot.absent = true;
            slot.returned = true;
            slots.add(slot);
            node.region().hostWasHere(slot.number, entry.circuit.number, entry.doubtful);
            node.shared.book.restore(entry.session, slot.number, node.region());
        }
    }

    /** The session of a slot, for the book. */
    int sessionOf(int number) {
        return slot(number).session;
    }

    private void unbook(Slot slot) {
        if (node.shared.book != null) {
            node.shared.book.gone(slot.session);
        }
    }

    /** The claim was made anew: circuits of the old epoch are closed. */
    void newEpoch(long newest) {
        epoch = newest;
        for (Slot slot : slots) {
            slot.circuit.closeHome(false);
        }
        strangers.forEach(stranger -> stranger.circuit.closeHome(false));
        strangers.clear();
    }

    List<Slot> slots() {
        return slots;
    }

    Slot slotOf(Circuit circuit) {
        for (Slot slot : slots) {
            if (slot.circuit == circuit) {
                return slot;
            }
        }
        return null;
    }

    Slot slot(int number) {
        for (Slot slot : slots) {
            if (slot.number == number) {
                return slot;
            }
        }
        throw new Violation(node.where() + "the core speaks to slot " + number + ", which is gone");
    }

    private Slot slotOfSession(int session) {
        for (Slot slot : slots) {
            if (slot.session == session) {
                return slot;
            }
        }
        return null;
    }

    void setup(Circuit circuit, Message message) {
        if (node.shared.lost || circuit.epoch != epoch) {
            refuse(circuit, node.shared.lost ? Cause.DATA_LOST : Cause.NO_OWNER);
            return;
        }
        Slot slot = slotOfSession(message.number());
        boolean late = slot != null && message.tag() - slot.incarnation <= 0;
        for (Stranger stranger : strangers) {
            late |= stranger.session == message.number() && message.tag() - stranger.incarnation <= 0;
        }
        if (late && !world.bug(Bug.ACCEPT_OVERTAKEN_CALL)) {
            world.trace("%sa call of session %d comes too late", node.name(), message.number());
            refuse(circuit, Cause.OWNER_LOST);
            return;
        }
        if (!message.flag()) {
            join(circuit, message.number(), message.tag(), message.time());
        } else if (slot == null) {
            strangers.add(new Stranger(circuit, message.number(), message.tag()));
        } else if (world.bug(Bug.FORGET_BEFORE_HANDED)) {
            join(circuit, message.number(), message.tag(), message.time());
            slotOf(circuit).handing = true;
        } else {
            // The old circuit is not read any more, but the slot stays until all its pages are back.
            slot.circuit.closeHome(false);
            slot.circuit = circuit;
            slot.incarnation = message.tag();
            slot.handing = true;
            slot.absent = false;
            slot.lease = new HomeLease(Times.HOME_DEADLINE, node.host.clock());
            node.region().hostReturns(slot.number);
        }
    }

    private void refuse(Circuit circuit, int cause) {
        circuit.sendDown(Message.refuse(cause));
        circuit.closeHome(false);
    }

    /** Written pages of an earlier circuit, or of an earlier life of this home. */
    void handedBack(Circuit circuit, Message message) {
        Slot slot = slotOf(circuit);
        if (slot != null) {
            slot.lease.echoSent(node.host.clock());
            node.handedBack(slot, message);
        } else if (strangerOn(circuit) != null) {
            boolean takesThem = world.bug(Bug.STALE_HANDBACK);
            if (takesThem) {
                node.storeBlindly(message);
            } else {
                for (long value : message.values()) {
                    world.oracle.losses().refused(node, value);
                }
            }
            circuit.sendDown(Message.run(
                    Message.Kind.WB_ACK,
                    takesThem ? 0 : Cause.DATA_LOST,
                    message.first(),
                    message.count(),
                    message.tag()));
        }
    }

    /** Everything is handed back: the call can be accepted. */
    void handed(Circuit circuit, Message message) {
        Slot slot = slotOf(circuit);
        Stranger stranger = strangerOn(circuit);
        if (slot != null) {
            slot.handing = false;
            join(circuit, slot.session, slot.incarnation, message.time());
        } else if (stranger != null) {
            join(circuit, stranger.session, stranger.incarnation, message.time());
        }
    }

    private Stranger strangerOn(Circuit circuit) {
        for (Stranger stranger : strangers) {
            if (stranger.circuit == circuit) {
                return stranger;
            }
        }
        return null;
    }

    private void join(Circuit circuit, int session, int incarnation, long sent) {
        strangers.removeIf(stranger -> stranger.session == session);
        Slot slot = slotOfSession(session);
        if (slot != null && world.bug(Bug.KEEP_OLD_INCARNATION)) {
            slot.circuit = circuit;
        } else {
            boolean returns = slot != null;
            if (returns) {
                gone(slot, "comes back", slot.circuit != circuit);
            }
            slot = new Slot(freeNumber(), session);
            slot.returned = returns;
            slot.circuit = circuit;
            slots.add(slot);
            if (node.shared.book != null) {
                node.shared.book.joined(session, circuit, incarnation);
            }
            node.region().hostJoined(slot.number, circuit.number, true, node.host.clock());
        }
        world.trace("%ssession %d joins as slot %d", node.name(), session, slot.number);
        slot.incarnation = incarnation;
        slot.lease = new HomeLease(Times.HOME_DEADLINE, node.host.clock());
        circuit.sendDown(Message.beat(Message.Kind.ACCEPT, sent));
        for (Slot other : List.copyOf(slots)) {
            if (other.absent && isLaterLife(slot, other)) {
                forget(other);
            }
        }
    }

    /** Whether this slot is that of a later daemon of the same host. */
    private static boolean isLaterLife(Slot slot, Slot than) {
        return slot.circuit.clientHost() == than.circuit.clientHost() && slot.session > than.session;
    }

    /** A host that is known never to come back, or that nobody remembers any longer. */
    private void forget(Slot slot) {
        world.trace("%sslot %d is forgotten", node.name(), slot.number);
        node.region().hostForgotten(slot.number, node.host.clock());
        slots.remove(slot);
        unbook(slot);
    }

    private int freeNumber() {
        for (int number = firstSlot; ; number++) {
            int wanted = number;
            if (slots.stream().noneMatch(slot -> slot.number == wanted)) {
                return number;
            }
        }
    }

    void left(Slot slot) {
        gone(slot, "left", true);
    }

    private void gone(Slot slot, String why, boolean close) {
        world.trace("%sslot %d %s", node.name(), slot.number, why);
        if (close) {
            slot.circuit.closeHome(false);
        }
        slots.remove(slot);
        node.region().hostGone(slot.number, node.host.clock());
        unbook(slot);
    }

    private void lost(Slot slot, String why) {
        if (world.bug(Bug.LOSS_NOT_REPORTED)) {
            gone(slot, why, true);
            return;
        }
        world.trace("%sslot %d %s", node.name(), slot.number, why);
        slot.circuit.closeHome(false);
        slot.handing = false;
        slot.absent = true;
        if (world.bug(Bug.FORGET_ABSENT)) {
            forget(slot);
            return;
        }
        node.region().hostLost(slot.number, node.host.clock());
        if (!node.region().isAbsent(slot.number)) {
            slots.remove(slot);
            unbook(slot);
        } else if (slots.stream().anyMatch(other -> !other.absent && isLaterLife(other, slot))) {
            forget(slot);
        } else {
            slots.stream()
                    .filter(one -> one.absent && node.region().pagesHeld(one.number) == 0)
                    .skip(MOST_EMPTY)
                    .findFirst()
                    .ifPresent(this::forget);
        }
    }

    /** The circuit is closed; what its host may still hold is known only when its lease has run out. */
    void ended(Circuit circuit) {
        Slot slot = slotOf(circuit);
        if (slot != null && !slot.absent && world.bug(Bug.GIVE_UP_AT_ONCE)) {
            lost(slot, "is given up at once");
        }
        strangers.removeIf(stranger -> stranger.circuit == circuit);
    }

    void tick(long now) {
        for (Slot slot : List.copyOf(slots)) {
            if (!slot.absent && slot.lease.expired(now)) {
                lost(slot, "has not been heard of for too long");
            } else if (!slot.absent && world.bug(Bug.LEASE_FROM_LAST_MESSAGE)) {
                // The wrong reading: either side sends heartbeats of its own, and counts from the last it received.
                slot.send(Message.beat(Message.Kind.ECHO, now));
            }
        }
    }

    void crashed(boolean silently) {
        for (Slot slot : slots) {
            slot.circuit.closeHome(silently);
        }
        strangers.forEach(stranger -> stranger.circuit.closeHome(silently));
    }
}
