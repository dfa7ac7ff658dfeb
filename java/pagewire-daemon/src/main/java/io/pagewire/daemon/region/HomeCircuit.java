package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.core.HomeLease;
import io.pagewire.core.HomeRegion;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitEvents;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.wire.PeerLayout;

/**
 * Home's end of one circuit: decodes the client's messages for the core. Outlives its connection until the client's rights
 * are known to be gone.
 *
 * <p>Belongs to the region's event loop.
 */
final class HomeCircuit implements CircuitEvents {
    /** A second heartbeat comes only from a client that has read what was sent with the first one's echo. */
    private static final int PROOF_OF_LIFE = 2;

    /** After that many bytes of pages everybody else on the loop has a turn. */
    private static final long TURN_BYTES = 4 << 20;

    private final HomeRuntime home;
    private final Circuit circuit;
    private final SetupRequest setup;
    private final int slot;
    private final HomeLease lease;
    private Circuit answers;
    private boolean over;
    private boolean counted = true;
    private int beats;
    private long turnEndBytes = TURN_BYTES;
    private boolean turnAsked;
    private int ahead;
    private long reads;

    HomeCircuit(HomeRuntime home, Circuit circuit, SetupRequest setup, int slot, HomeLease lease) {
        this.home = home;
        this.circuit = circuit;
        this.setup = setup;
        this.slot = slot;
        this.lease = lease;
        this.answers = circuit;
    }

    Circuit circuit() {
        return circuit;
    }

    SetupRequest setup() {
        return setup;
    }

    /** Whether its host has the region preloaded: it holds no copies then. */
    boolean isPreloaded() {
        return setup.isPreloaded();
    }

    int slot() {
        return slot;
    }

    HomeLease lease() {
        return lease;
    }

    /** Whether the host is gone for all we know: nothing has come for home's deadline. */
    boolean isSilent(long now) {
        long newest = circuit.reads();
        if (newest != reads) {
            reads = newest;
            lease.heard(now);
        }
        return lease.expired(now);
    }

    /** Where written bytes of this host are acknowledged: the circuit itself, or a later one on which it hands them back. */
    Circuit answers() {
        return answers;
    }

    void answersOn(Circuit later) {
        answers = later;
    }

    /** Whether the client was heard twice on this circuit, which no call does that the network had held up. */
    boolean isProven() {
        return beats >= PROOF_OF_LIFE;
    }

    /** Whether the client is absent: its lease has run out, but it may come back with what it holds. */
    boolean isAbsent() {
        return home.core().isAbsent(slot);
    }

    /** True once: its daemon is no peer any more because of this circuit. */
    boolean discount() {
        boolean was = counted;
        counted = false;
        return was;
    }

    /** Nothing that still comes on this circuit counts any more. */
    void end(String reason) {
        over = true;
        circuit.close(reason);
    }

    @Override
    public String message(Circuit from, int type, ByteBuf bytes, int at, int length) {
        if (over) {
            return null;
        }
        if (isPreloaded() && !mayComePreloaded(type)) {
            return "message of type " + type + " from a client that has the region preloaded";
        }
        long now = System.nanoTime();
        return switch (type) {
            case PeerLayout.HEARTBEAT -> heartbeat(bytes, at, length, now);
            case PeerLayout.FETCH, PeerLayout.AHEAD ->
                length != PeerLayout.RUN_LENGTH
                        ? "FETCH of " + length + " bytes"
                        : fetch(type == PeerLayout.AHEAD, bytes, at, now);
            case PeerLayout.PURGED ->
                length != PeerLayout.RANGE_LENGTH
                        ? "PURGED of " + length + " bytes"
                        : home.core()
                                .purged(
                                        slot,
                                        bytes.getLongLE(at + PeerLayout.RANGE_FIRST),
                                        bytes.getIntLE(at + PeerLayout.RANGE_COUNT),
                                        bytes.getIntLE(at + PeerLayout.RANGE_TAG),
                                        now);
            case PeerLayout.RELEASE ->
                length != PeerLayout.RANGE_LENGTH
                        ? "RELEASE of " + length + " bytes"
                        : home.core()
                                .release(
                                        slot,
                                        bytes.getLongLE(at + PeerLayout.RANGE_FIRST),
                                        bytes.getIntLE(at + PeerLayout.RANGE_COUNT),
                                        bytes.getIntLE(at + PeerLayout.RANGE_TAG),
                                        now);
            case PeerLayout.BYE, PeerLayout.LEFT -> bye(type == PeerLayout.LEFT, bytes, at, length);
            case PeerLayout.WANT, PeerLayout.RECALLED, PeerLayout.WRITEBACK, PeerLayout.FORCE ->
                setup.wantedRight() < Right.WRITE.code()
                        ? "message of type " + type + " from a client that called for reading only"
                        : writer(type, bytes, at, length, now);
            case PeerLayout.REFRESH -> home.sync().refresh(slot, bytes, at, length);
            case PeerLayout.PUBLISH -> home.sync().publish(slot, bytes, at, length);
            default -> "message of type " + type + " from a client";
        };
    }

    /** Such a client holds no copies and nothing exclusively. */
    private static boolean mayComePreloaded(int type) {
        return switch (type) {
            case PeerLayout.HEARTBEAT,
                    PeerLayout.REFRESH,
                    PeerLayout.PUBLISH,
                    PeerLayout.FORCE,
                    PeerLayout.BYE,
                    PeerLayout.LEFT -> true;
            default -> false;
        };
    }

    /**
     * Whether pages may be sent now: a host that does not take them has them in its queue here only up to its high water mark,
     * and one that does holds up nobody else. When not, the core hears of it as soon as they may.
     */
    boolean takesPages() {
        ahead = 0;
        if (isPreloaded() || !circuit.isOpen()) {
            return true; // HomeSync keeps the pace itself; what is sent to nobody goes nowhere
        }
        if (!circuit.takesWanted()) {
            return false; // writable
        }
        if (circuit.counters().sentBytes < turnEndBytes) {
            return true;
        }
        nextTurn();
        return false;
    }

    /** Pages that nobody waits for and that may be sent now, in one piece; {@link #writable} follows when there are none. */
    int takesAhead(int pageSize) {
        if (isPreloaded() || !circuit.isOpen()) {
            return Integer.MAX_VALUE;
        }
        ahead = circuit.piece(pageSize) / pageSize;
        return ahead;
    }

    /** Whether what is sent next is what {@link #takesAhead} has allowed, among others. */
    boolean sendsAhead() {
        return ahead > 0;
    }

    /** The pages have been sent. */
    void sentPages(long bytes) {
        if (ahead > 0) {
            ahead = 0;
            circuit.endPiece((int) bytes);
        } else {
            circuit.sentWanted((int) bytes);
        }
    }

    /** Not at once: the core may be deciding at this moment, and its messages change what the circuit takes. */
    private void nextTurn() {
        if (!turnAsked) {
            turnAsked = true;
            home.loop().execute(() -> {
                turnAsked = false;
                turnEndBytes = circuit.counters().sentBytes + TURN_BYTES;
                if (!over && !home.isClosed()) {
                    home.core().writable(slot, System.nanoTime());
                }
            });
        }
    }

    @Override
    public void moved(Circuit which) {
        if (!over) {
            home.circuitMoved(slot, System.nanoTime());
        }
    }

    @Override
    public void writable(Circuit which) {
        if (!over) {
            home.sync().writable(slot);
            nextTurn();
        }
    }

    /** Messages of a host whose programs may write; {@link CallPolicy} let it call for that, so the region is of that kind. */
    private String writer(int type, ByteBuf bytes, int at, int length, long now) {
        return switch (type) {
            case PeerLayout.WANT ->
                length != PeerLayout.WANT_LENGTH ? "WANT of " + length + " bytes" : want(bytes, at, now);
            case PeerLayout.RECALLED -> recalled(bytes, at, length, now);
            case PeerLayout.WRITEBACK -> wroteBack(bytes, at, length, now);
            default -> home.forces().add(circuit, bytes, at, length);
        };
    }

    private String fetch(boolean ahead, ByteBuf bytes, int at, long now) {
        home.owner().suspendIfOver(now);
        int request = bytes.getIntLE(at + PeerLayout.RUN_REQUEST);
        long first = bytes.getLongLE(at + PeerLayout.RUN_FIRST);
        int count = bytes.getIntLE(at + PeerLayout.RUN_COUNT);
        HomeRegion core = home.core();
        return ahead ? core.fetchAhead(slot, request, first, count, now) : core.fetch(slot, request, first, count, now);
    }

    private String want(ByteBuf bytes, int at, long now) {
        home.owner().suspendIfOver(now);
        int request = bytes.getIntLE(at + PeerLayout.RUN_REQUEST);
        long first = bytes.getLongLE(at + PeerLayout.RUN_FIRST);
        int count = bytes.getIntLE(at + PeerLayout.RUN_COUNT);
        if (home.isLeaving()) {
            home.decline(slot, request, first, count, Cause.OWNER_LOST);
            return null;
        }
        return home.core().want(slot, request, first, count, bytes.getIntLE(at + PeerLayout.WANT_GRANT), now);
    }

    private String recalled(ByteBuf bytes, int at, int length, long now) {
        IncomingBytes came = home.incoming();
        String problem = came.read("RECALLED", bytes, at, length);
        if (problem == null) {
            problem = home.core()
                    .recalled(
                            slot,
                            came.first(),
                            came.count(),
                            came.tag(),
                            came.left(),
                            came.present(),
                            came.grantNumber(),
                            now);
        }
        came.done();
        return problem;
    }

    private String wroteBack(ByteBuf bytes, int at, int length, long now) {
        IncomingBytes came = home.incoming();
        String problem = came.read("WRITEBACK", bytes, at, length);
        if (problem == null && (!came.present() || came.tag() != 0)) {
            problem = "WRITEBACK without bytes";
        }
        if (problem == null) {
            problem = home.core().wroteBack(slot, came.first(), came.count(), came.left(), came.grantNumber(), now);
        }
        came.done();
        return problem;
    }

    private String heartbeat(ByteBuf bytes, int at, int length, long now) {
        if (length != PeerLayout.BEAT_LENGTH) {
            return "HEARTBEAT of " + length + " bytes";
        }
        lease.echoSent(now);
        if (++beats == PROOF_OF_LIFE) {
            home.calls().alive(this);
        }
        circuit.sendBeat(PeerLayout.ECHO, bytes.getLongLE(at));
        return null;
    }

    /** A client that hangs up without having left may hold copies still, and its programs may read them. */
    private String bye(boolean left, ByteBuf bytes, int at, int length) {
        Reason reason = Reason.read(bytes, at, length);
        if (reason == null) {
            return "malformed good-bye";
        }
        if (left) {
            home.calls().left(this, reason);
        } else {
            circuit.close("the host hung up: " + reason.text());
        }
        return null;
    }

    @Override
    public void closed(Circuit which, String reason) {
        if (!over) {
            home.calls().lost(this, reason);
        }
    }
}
