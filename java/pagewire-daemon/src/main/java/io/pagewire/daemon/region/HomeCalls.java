package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.core.HomeLease;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The circuits of a home from call to end: who is accepted, what becomes of an earlier incarnation of the same client, what
 * the client hands back before it is accepted again, and when it is given up (SPEC: V1, V2).
 *
 * <p>Belongs to the region's event loop.
 */
final class HomeCalls {
    private static final Logger LOG = LoggerFactory.getLogger(HomeCalls.class);
    private static final long MS = 1_000_000L;
    private static final int MOST_REMEMBERED = 1024;

    /** So many absent clients that hold nothing are remembered, to tell them what is home already should they hand it back. */
    private static final int MOST_EMPTY = 8;

    /** A tick that comes a fourth of the deadline after the one before is late. */
    private static final int LATE_PART = 4;

    private final HomeRuntime home;
    private final RegionContext context;
    private final CircuitSlots slots;
    private final List<HandBack> handBacks = new ArrayList<>();
    private final Set<Long> givenUp = new LinkedHashSet<>();
    private final MissedLosses missed = new MissedLosses();
    private final int homeMs;
    private long tickNs = System.nanoTime();
    private boolean wasLate;

    HomeCalls(HomeRuntime home, RegionContext context, CircuitSlots slots) {
        this.home = home;
        this.context = context;
        this.slots = slots;
        this.homeMs = context.settings().deadlines().homeMs();
    }

    /** What an earlier life of this home knew of its clients: all of them are absent, with what they held. */
    void restore(HolderBook book, long now) {
        book.read(new HolderBook.Reader() {
            @Override
            public void host(int slot, long session, int circuitId, String host, boolean doubtful) {
                Circuit never = new Circuit(Unanswered.INSTANCE);
                never.bind(circuitId, 0, 0);
                HomeCircuit absent =
                        new HomeCircuit(home, never, setupOf(session, host), slot, new HomeLease(homeMs * MS, now));
                absent.end("its circuit was that of an earlier run of this dsmd");
                absent.discount();
                slots.put(slot, absent);
                home.core().hostWasHere(slot, circuitId, doubtful);
                missed.deaf(absent, now);
            }

            @Override
            public void page(int slot, long page, int grantNumber) {
                home.core().heldBefore(slot, page, grantNumber);
            }
        });
        for (HomeCircuit absent : slots.all()) {
            int held = home.core().pagesHeld(absent.slot());
            if (held > 0) {
                LOG.info(
                        "region {}: {} pages that host {} may have written are not home; they stay its own until somebody needs"
                                + " them or it calls",
                        home.record().name(),
                        held,
                        absent.setup().host());
            }
        }
    }

    private SetupRequest setupOf(long session, String host) {
        RegionRecord record = home.record();
        return new SetupRequest(
                session,
                record.id(),
                record.base(),
                record.span(),
                record.pageSize(),
                0,
                context.directory().incarnation(),
                CallPolicy.sharingType(record),
                Right.WRITE.code(),
                0,
                context.settings().deadlines().clientLeaseMs(),
                false,
                0,
                host,
                record.name());
    }

    /** Decides about a call, or lets its client hand back first what it still has. */
    void call(Circuit circuit, SetupRequest setup, int circuitId, int incarnation, long epoch) {
        long now = System.nanoTime();
        circuit.bind(circuitId, incarnation, epoch);
        circuit.paceBulk(context.wayTo(setup.host()));
        if (refused(circuit, setup, epoch, now)) {
            return;
        }
        HomeCircuit earlier = slots.find(setup.session(), setup.isPreloaded());
        HandBack handingBack = setup.isPreloaded() ? null : handBackOf(setup.session());
        if (earlier != null && incarnation - earlier.circuit().incarnation() <= 0
                || handingBack != null && incarnation - handingBack.circuit().incarnation() <= 0) {
            // The network held this call back while its daemon gave it up and called again. To accept it would be to
            // forget what the newer circuit holds.
            circuit.sendLast(PeerLayout.REFUSE, Cause.OWNER_LOST, "a newer call of this daemon has been accepted");
            return;
        }
        if (!context.peers().add(setup.session())) {
            String text = "host " + context.host() + " has circuits to "
                    + context.settings().maxPeers() + " other daemons already (setting circuits.max-peers there)";
            circuit.sendLast(PeerLayout.REFUSE, Cause.REFUSED, text);
            return;
        }
        if (handingBack != null) {
            String why = "host " + setup.host() + " has set up this circuit anew";
            handBackOver(handingBack);
            handingBack.circuit().close(why);
        }
        if (earlier != null) {
            missed.deaf(earlier, heardNs(earlier));
        }
        if (setup.handsBack()) {
            if (earlier != null) {
                // Its slot stays, with what it held, until everything is handed back or its time is over.
                earlier.end("host " + setup.host() + " hands back what it has written");
                earlier.answersOn(circuit);
                earlier.lease().echoSent(now);
                home.core().hostReturns(earlier.slot());
            }
            HandBack begun = new HandBack(this, circuit, setup, new HomeLease(homeMs * MS, now));
            handBacks.add(begun);
            circuit.events(begun);
        } else {
            accept(circuit, setup, now);
        }
    }

    private boolean refused(Circuit circuit, SetupRequest setup, long epoch, long now) {
        Refusal refusal = CallPolicy.refusal(context, home, setup, epoch);
        if (refusal == null) {
            return false;
        }
        if (refusal.ownerIsStale()) {
            home.owner().suspend(now);
        }
        LOG.info("region {}: call of host {} refused: {}", home.record().name(), setup.host(), refusal.text());
        circuit.sendLast(PeerLayout.REFUSE, refusal.cause().code(), refusal.text());
        return true;
    }

    /** The caller is counted as a peer already. */
    private void accept(Circuit circuit, SetupRequest setup, long now) {
        int slot = slots.slotOf(setup.session(), setup.isPreloaded());
        HomeCircuit earlier = slots.get(slot);
        if (earlier != null) {
            // Rule 1: the client took all rights and dropped all copies before it called again.
            earlier.end("host " + setup.host() + " has set up this circuit anew");
            discount(earlier);
            home.sync().gone(slot);
            home.core().hostGone(slot, now);
        }
        if (!setup.isPreloaded()) {
            givenUp.remove(setup.session());
        }
        HomeCircuit accepted = new HomeCircuit(home, circuit, setup, slot, new HomeLease(homeMs * MS, now));
        slots.put(slot, accepted);
        circuit.events(accepted);
        if (home.book() != null && !setup.isPreloaded()) {
            home.book().joined(slot, setup.session(), circuit.id(), setup.host());
        }
        home.core().hostJoined(slot, circuit.id(), !setup.isPreloaded(), now);
        if (setup.isPreloaded()) {
            home.sync().joined(accepted);
        }
        ByteBuf message = circuit.begin(PeerLayout.ACCEPT, PeerLayout.ACCEPT_LENGTH);
        message.writeLongLE(home.record().span())
                .writeIntLE(home.record().pageSize())
                .writeIntLE(homeMs);
        circuit.send(message);
        missed.tell(accepted);
        LOG.info("region {}: circuit {} with host {} is up", home.record().name(), circuit.id(), setup.host());
    }

    // ---- handing back --------------------------------------------------------------------------------------------

    /** Bytes come back; null, or why the circuit must be closed. */
    String handedBack(HandBack from, ByteBuf bytes, int at, int length, long now) {
        IncomingBytes incoming = home.incoming();
        String problem = incoming.read("HANDBACK", bytes, at, length);
        if (problem == null && (!incoming.present() || incoming.tag() != 0)) {
            problem = "HANDBACK without bytes";
        }
        long pages = home.core().geometry().pages();
        if (problem == null && (incoming.first() < 0 || incoming.first() > pages - incoming.count())) {
            problem = "HANDBACK of " + incoming.count() + " pages from page " + incoming.first();
        }
        if (problem != null) {
            return problem;
        }
        HomeCircuit earlier = slots.find(from.setup().session(), false);
        if (earlier == null) {
            unplaced(from, incoming);
            return null;
        }
        earlier.lease().echoSent(now);
        problem =
                home.core().handedBack(earlier.slot(), incoming.first(), incoming.count(), incoming.grantNumber(), now);
        incoming.done();
        return problem;
    }

    /**
     * Home has no memory of what this client held: it was restarted, or has given the client up. Others may have written since,
     * so the bytes have no place.
     */
    private void unplaced(HandBack from, IncomingBytes incoming) {
        HomeMessages.acknowledged(
                from.circuit(), incoming.first(), incoming.count(), incoming.grantNumber(), Cause.DATA_LOST);
        if (!givenUp.contains(from.setup().session())) {
            home.losses().add(incoming.first(), incoming.count(), from.setup().host());
        }
        incoming.done();
    }

    /** All is handed back: the earlier incarnation is over, and the call is answered. */
    void handed(HandBack from, long now) {
        from.end();
        handBacks.remove(from);
        home.losses().flush();
        if (refused(from.circuit(), from.setup(), from.circuit().epoch(), now)) {
            context.peers().remove(from.setup().session());
        } else {
            accept(from.circuit(), from.setup(), now);
        }
    }

    /** Nothing more comes of a handing back. What it has not brought is lost when the earlier circuit's time is over. */
    void handBackOver(HandBack which) {
        which.end();
        if (handBacks.remove(which)) {
            context.peers().remove(which.setup().session());
        }
    }

    private HandBack handBackOf(long session) {
        for (HandBack one : handBacks) {
            if (one.setup().session() == session) {
                return one;
            }
        }
        return null;
    }

    // ---- the ends of circuits ------------------------------------------------------------------------------------

    /** The client left in order: it holds nothing any more. */
    void left(HomeCircuit circuit, Reason reason) {
        LOG.info(
                "region {}: host {} left: {}",
                home.record().name(),
                circuit.setup().host(),
                reason.text());
        missed.left(circuit);
        home.core().hostGone(circuit.slot(), System.nanoTime());
        forget(circuit, "the client left");
    }

    /** The connection broke: what the client holds runs out by itself, at the latest at home's deadline. */
    void lost(HomeCircuit circuit, String reason) {
        String region = home.record().name();
        LOG.info(
                "region {}: circuit with host {} is lost: {}",
                region,
                circuit.setup().host(),
                reason);
    }

    private void forget(HomeCircuit circuit, String reason) {
        circuit.end(reason);
        slots.clear(circuit.slot());
        if (home.book() != null) {
            home.book().gone(circuit.slot());
        }
        home.sync().gone(circuit.slot());
        discount(circuit);
    }

    /** The circuit does not make its daemon a peer any more. */
    void discount(HomeCircuit circuit) {
        if (circuit.discount()) {
            context.peers().remove(circuit.setup().session());
        }
    }

    /** A client was silent for D_home: nobody waits for it any more, but it may still come back with what it has written. */
    private void giveUp(HomeCircuit circuit, long now) {
        String host = circuit.setup().host();
        LOG.warn(
                "region {}: host {} was silent for {} ms; its copies count as gone",
                home.record().name(),
                host,
                homeMs);
        missed.deaf(circuit, heardNs(circuit));
        circuit.end("no heartbeat within the home deadline");
        home.sync().gone(circuit.slot());
        home.core().hostLost(circuit.slot(), now);
        home.losses().flush();
        if (!circuit.isAbsent()) {
            forget(circuit, "no heartbeat within the home deadline");
            return;
        }
        discount(circuit);
        int held = home.core().pagesHeld(circuit.slot());
        if (held > 0) {
            LOG.warn(
                    "region {}: {} pages that host {} may have written are not home; they stay its own until somebody needs"
                            + " them or it comes back",
                    home.record().name(),
                    held,
                    host);
        }
        for (HomeCircuit other : slots.all()) {
            if (isLaterSession(other, circuit)) {
                forgetAbsent(circuit, now);
                break;
            }
        }
        boundEmpty(now);
    }

    /** Whether this circuit of a client that lives proves that the daemon at the other end of the absent one does not. */
    private static boolean isLaterSession(HomeCircuit living, HomeCircuit absent) {
        return !living.isAbsent()
                && living.isProven()
                && living.setup().host().equals(absent.setup().host())
                && living.setup().session() != absent.setup().session();
    }

    /** The client will never come back: what it held goes back to what home has, and that is told. */
    private void forgetAbsent(HomeCircuit absent, long now) {
        if (!absent.isPreloaded()) {
            givenUp.add(absent.setup().session());
            if (givenUp.size() > MOST_REMEMBERED) {
                givenUp.remove(givenUp.iterator().next());
            }
        }
        home.core().hostForgotten(absent.slot(), now); // needs the slot's host for the report
        home.losses().flush();
        forget(absent, "the client is gone");
    }

    /** Clients that hold nothing and do not come back would be remembered for ever. */
    private void boundEmpty(long now) {
        int empty = 0;
        HomeCircuit oldest = null;
        for (HomeCircuit one : slots.all()) {
            if (one.isAbsent() && home.core().pagesHeld(one.slot()) == 0) {
                empty++;
                oldest = oldest == null || one.lease().echoNs() - oldest.lease().echoNs() < 0 ? one : oldest;
            }
        }
        if (empty > MOST_EMPTY) {
            forgetAbsent(oldest, now);
        }
    }

    /**
     * Since when the client may not have read what home sent. The heartbeat that came last may have been held up on its way, at
     * most as long as home waits for one, while the client had given the circuit up.
     */
    private long heardNs(HomeCircuit circuit) {
        return circuit.lease().echoNs() - homeMs * MS;
    }

    /** The client goes on with this circuit. */
    void alive(HomeCircuit circuit) {
        missed.told(circuit);
        long now = System.nanoTime();
        for (HomeCircuit other : slots.all()) {
            if (other.isAbsent() && isLaterSession(circuit, other)) {
                forgetAbsent(other, now);
            }
        }
    }

    /** Every client that can be told now is being told; the others when they call again. */
    void lost(long first, int count, String holder) {
        missed.add(System.nanoTime(), first, count, holder);
    }

    /** @param circuit null when its host is gone already */
    void hangUp(HomeCircuit circuit, int cause) {
        if (circuit != null) {
            LOG.warn(
                    "region {}: host {} keeps its circuit alive but does not answer a purge or recall; hung up",
                    home.record().name(),
                    circuit.setup().host());
            circuit.circuit()
                    .sendLast(PeerLayout.BYE, cause, "a purge or recall was not answered within the home deadline");
            circuit.end("a purge or recall was not answered");
        }
    }

    void tick(long now) {
        for (HandBack one : handBacks) {
            HomeCircuit earlier = one.heard(now) ? slots.find(one.setup().session(), false) : null;
            if (earlier != null) {
                earlier.lease().heard(now);
            }
        }
        boolean late = isLate(now);
        for (HomeCircuit circuit : slots.all()) {
            if (!circuit.isAbsent() && circuit.isSilent(now) && !late) {
                giveUp(circuit, now);
            }
        }
        for (int i = handBacks.size() - 1; !late && i >= 0; i--) {
            HandBack one = handBacks.get(i);
            if (one.isSilent(now)) {
                handBackOver(one);
                one.circuit().sendLast(PeerLayout.BYE, Cause.DEADLINE, "the handing back came to a halt");
            }
        }
    }

    /**
     * Whether this loop was held up itself, so that what has come meanwhile may lie unread in its sockets. They are read before the
     * next tick, which is never taken for late: a loop that is held up again and again judges all the same.
     */
    private boolean isLate(long now) {
        wasLate = !wasLate && now - tickNs > homeMs * MS / LATE_PART;
        tickNs = now;
        return wasLate;
    }

    /** Says good-bye on all circuits, and to those whose calls are under way. */
    void endAll(int cause, String reason) {
        for (HomeCircuit circuit : slots.all()) {
            circuit.circuit().sendLast(PeerLayout.BYE, cause, reason);
        }
        for (HandBack one : List.copyOf(handBacks)) {
            handBackOver(one);
            one.circuit().sendLast(PeerLayout.BYE, cause, reason);
        }
    }
}
