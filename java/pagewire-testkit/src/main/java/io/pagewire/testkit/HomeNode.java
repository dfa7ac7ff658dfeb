package io.pagewire.testkit;

import io.pagewire.core.Cause;
import io.pagewire.core.HomePort;
import io.pagewire.core.HomeRegion;
import io.pagewire.core.Right;
import java.util.Arrays;

/**
 * The adapter of a home region: accepts circuits, answers heartbeats, gives hosts up when their lease has run out, sends pages
 * and stores what comes back.
 *
 * <p>Not thread-safe.
 */
final class HomeNode extends Node implements HomePort {
    private final HomeRegion region;
    private final HomeCalls calls;

    /** Null when no host has the region preloaded. */
    private final Preloaded preloaded;

    private boolean deaf;

    /** The message that is being handled, if it carries bytes. */
    private Message handled;

    HomeNode(Daemon daemon, SharedRegion shared) {
        super(daemon, shared, shared.frames, !shared.inFile);
        this.region = new HomeRegion(
                shared.geometry,
                this,
                this,
                Times.home(world.runPages, shared.anyWriter, daemon.session << 16),
                memory.frameBudget());
        this.calls = new HomeCalls(this);
        this.preloaded = daemon.random.nextInt(3) == 0 ? new Preloaded(this) : null;
        if (preloaded != null) {
            preloaded.join();
        }
    }

    HomeRegion region() {
        return region;
    }

    HomeCalls calls() {
        return calls;
    }

    String name() {
        return "host " + host.number + ", region " + shared.number + ": ";
    }

    void received(Circuit circuit, Message message) {
        long now = host.clock();
        switch (message.kind()) {
            case SETUP -> calls.setup(circuit, message);
            case HANDBACK -> calls.handedBack(circuit, message);
            case HANDED -> calls.handed(circuit, message);
            default -> {
                HomeCalls.Slot slot = calls.slotOf(circuit);
                if (slot != null) {
                    received(slot, message, now);
                }
            }
        }
    }

    private void received(HomeCalls.Slot slot, Message message, long now) {
        int number = slot.number;
        long first = message.first();
        int count = message.count();
        int tag = message.tag();
        switch (message.kind()) {
            case HEARTBEAT -> {
                slot.heardAt = now;
                slot.lease.echoSent(now);
                slot.send(Message.beat(Message.Kind.ECHO, message.time()));
            }
            case FETCH, AHEAD, WANT -> {
                if (hears()) {
                    expectValid(asked(message, number, first, count, now));
                }
            }
            case PURGED -> {
                if (!world.bug(Bug.GRANT_BEFORE_ANSWER)) {
                    expectValid(region.purged(number, first, count, tag, now));
                }
            }
            case RELEASE -> expectValid(region.release(number, first, count, tag, now));
            case RECALLED, WRITEBACK -> {
                handled = message.values() == null ? null : message;
                boolean recalled = message.kind() == Message.Kind.RECALLED;
                expectValid(
                        recalled
                                ? region.recalled(
                                        number,
                                        first,
                                        count,
                                        message.number(),
                                        message.left(),
                                        handled != null,
                                        tag,
                                        now)
                                : region.wroteBack(number, first, count, message.left(), tag, now));
                handled = null;
            }
            case LEFT -> calls.left(slot);
            default -> throw new IllegalStateException("home got " + message);
        }
    }

    private String asked(Message message, int number, long first, int count, long now) {
        return switch (message.kind()) {
            case FETCH -> region.fetch(number, message.number(), first, count, now);
            case AHEAD -> region.fetchAhead(number, message.number(), first, count, now);
            default -> region.want(number, message.number(), first, count, message.tag(), now);
        };
    }

    void handedBack(HomeCalls.Slot slot, Message message) {
        handled = message;
        expectValid(region.handedBack(slot.number, message.first(), message.count(), message.tag(), host.clock()));
        handled = null;
    }

    int openPublishes() {
        return preloaded == null ? 0 : preloaded.open();
    }

    void tick(long now) {
        calls.tick(now);
        if (preloaded != null) {
            preloaded.tick(now);
        }
        region.tick(now);
    }

    @Override
    public int sendPages(
            int number, int request, long first, int count, int grantNumber, boolean last, boolean exclusive) {
        int page = (int) first;
        if (shared.bad[page]) {
            return Cause.FILE_ERROR;
        }
        if (shared.hangs || shared.coldPercent > 0 && world.random.nextInt(100) < shared.coldPercent) {
            warm(page);
            return WARMING;
        }
        world.oracle.pagesLeaveHome(this, page, count, exclusive);
        long[] values = Arrays.copyOfRange(memory.frames, page, page + count);
        if (number == Preloaded.SLOT) {
            preloaded.sent(first, count, values);
            return SENT;
        }
        HomeCalls.Slot slot = calls.slot(number);
        if (exclusive && count == 1 && world.bug(Bug.UPGRADE_WITHOUT_COPY) && world.random.nextInt(10) == 0) {
            slot.send(Message.run(Message.Kind.UPGRADED, request, first, 1, grantNumber));
            return SENT;
        }
        slot.send(Message.pages(request, first, grantNumber, last, exclusive, values));
        if (world.bug(Bug.FORGET_HOLDER) && world.random.nextInt(50) == 0) {
            daemon.after(0, () -> {
                if (calls.slots().contains(slot)) {
                    region.release(number, first, count, grantNumber, host.clock());
                }
            });
        }
        return SENT;
    }

    private void warm(int page) {
        long delay = world.random.nextLong(5 * Times.MS);
        Runnable read = () -> daemon.after(
                delay, () -> region.dataReady(page, shared.bad[page] ? Cause.FILE_ERROR : 0, host.clock()));
        if (shared.hangs) {
            shared.hanging.add(read);
        } else {
            read.run();
        }
    }

    @Override
    public boolean takes(int number) {
        if (number == Preloaded.SLOT) {
            return true;
        }
        HomeCalls.Slot slot = calls.slot(number);
        if (!slot.full && world.random.nextInt(100) == 0) {
            slot.full = true;
            daemon.after(world.random.nextLong(10 * Times.MS), () -> {
                slot.full = false;
                if (calls.slots().contains(slot)) {
                    region.writable(number, host.clock());
                }
            });
        }
        return !slot.full;
    }

    /** Now and then few or none at a time, as over a slow link. */
    @Override
    public int takesAhead(int number) {
        if (number == Preloaded.SLOT || world.random.nextInt(4) != 0) {
            return Integer.MAX_VALUE;
        }
        int pages = world.random.nextInt(3);
        HomeCalls.Slot slot = calls.slot(number);
        if (pages == 0) {
            daemon.after(world.random.nextLong(10 * Times.MS), () -> {
                if (calls.slots().contains(slot)) {
                    region.writable(number, host.clock());
                }
            });
        }
        return pages;
    }

    /** For some time it hears some requests and never answers them, although its circuits live. */
    void deaf(boolean nowDeaf) {
        deaf = nowDeaf;
    }

    private boolean hears() {
        return !deaf || world.random.nextBoolean();
    }

    @Override
    public void upgrade(int number, int request, long page, int grantNumber) {
        world.oracle.pagesLeaveHome(this, (int) page, 1, true);
        calls.slot(number).send(Message.run(Message.Kind.UPGRADED, request, page, 1, grantNumber));
    }

    @Override
    public void recall(int number, long page, Right left, int operation) {
        if (number == Preloaded.SLOT) {
            throw preloaded.asked("a recall", page, left);
        }
        calls.slot(number).send(Message.recall(page, left, operation));
    }

    @Override
    public void holds(int number, long first, int count, int grantNumber) {
        boolean forgets = world.bug(Bug.GRANT_NOT_BOOKED) && world.random.nextInt(4) == 0;
        if (shared.book != null && number != Preloaded.SLOT && !forgets) {
            shared.book.holds(calls.sessionOf(number), first, count, grantNumber);
        }
    }

    @Override
    public void home(long first, int count) {
        if (shared.book != null) {
            shared.book.home(first, count);
        }
    }

    @Override
    public int store(long first, int count) {
        if (handled == null || first < handled.first() || first + count > handled.first() + handled.count()) {
            throw new Violation(where() + "the core stores " + first + "+" + count + " of " + handled);
        }
        for (int page = (int) first; page < first + count; page++) {
            if (shared.bad[page]) {
                world.oracle.losses().notStored(this, (int) first, count);
                return Cause.FILE_ERROR;
            }
        }
        for (int page = (int) first; page < first + count; page++) {
            long value = handled.values()[page - (int) handled.first()];
            world.oracle.comesHome(this, page, value);
            memory.write(page, value);
        }
        return 0;
    }

    /** What a home does that does not ask whether the sender still has the page. */
    void storeBlindly(Message message) {
        for (int i = 0; i < message.count(); i++) {
            memory.frames[(int) message.first() + i] = message.values()[i];
        }
    }

    @Override
    public void acknowledge(int number, long first, int count, int grantNumber, int cause) {
        HomeCalls.Slot slot = calls.slot(number);
        if (cause == Cause.DATA_LOST && handled != null && world.bug(Bug.STALE_HANDBACK)) {
            storeBlindly(handled);
            slot.send(Message.run(Message.Kind.WB_ACK, 0, first, count, grantNumber));
            return;
        }
        if (cause == Cause.DATA_LOST && slot.returned) {
            for (int i = 0; i < handled.count(); i++) {
                world.oracle.losses().refused(this, handled.values()[i]);
            }
        }
        slot.send(Message.run(Message.Kind.WB_ACK, cause, first, count, grantNumber));
    }

    @Override
    public void lost(long first, int count, int number) {
        world.trace("%spages %d+%d of slot %d are lost", name(), first, count, number);
        world.oracle.losses().lost(this, (int) first, count, number);
        if (shared.book != null) {
            shared.book.doubt(calls.sessionOf(number));
        }
        for (HomeCalls.Slot slot : calls.slots()) {
            if (!world.bug(Bug.LOSS_TOLD_TO_SOME) || world.random.nextInt(2) == 0) {
                slot.send(Message.run(Message.Kind.LOST, 0, first, count, 0));
            }
        }
    }

    @Override
    public int reserveForWrite(long first, int count) {
        for (int page = (int) first; page < first + count; page++) {
            if (shared.bad[page]) {
                return Cause.FILE_ERROR;
            }
        }
        return 0;
    }

    @Override
    public int applyPublished(int slot, long page) {
        return shared.bad[(int) page] ? Cause.FILE_ERROR : preloaded.apply((int) page);
    }

    @Override
    public void published(int slot, long page, int cause) {
        preloaded.published((int) page);
    }

    @Override
    public void decline(int number, int request, long first, int count, int cause) {
        if (number == Preloaded.SLOT) {
            preloaded.declined();
        } else {
            calls.slot(number).send(Message.run(Message.Kind.DECLINE, request, first, count, cause));
        }
    }

    @Override
    public void purge(int number, long first, int count, int operation) {
        if (number == Preloaded.SLOT) {
            throw preloaded.asked("a purge", first, Right.NONE);
        }
        HomeCalls.Slot slot = calls.slot(number);
        slot.send(Message.run(Message.Kind.PURGE, 0, first, count, operation));
        if (world.bug(Bug.GRANT_BEFORE_ANSWER)) {
            daemon.after(0, () -> {
                if (calls.slots().contains(slot)) {
                    region.purged(number, first, count, operation, host.clock());
                }
            });
        }
    }

    @Override
    public void hangUp(int number, int cause) {
        HomeCalls.Slot slot = calls.slot(number);
        // What a cut held back may sound like life when its sender has given the circuit up already.
        if (host.clock() - slot.heardAt < 2 * Times.HEARTBEAT && !slot.circuit.clientClosed()) {
            throw new Violation(where() + "slot " + number
                    + " keeps its circuit alive, but has not answered a purge or recall for D_home");
        }
        slot.circuit.closeHome(false);
    }

    /** The slot that speaks on this circuit, or -1. */
    int slotOn(Circuit circuit) {
        HomeCalls.Slot slot = calls.slotOf(circuit);
        return slot == null || slot.handing || slot.absent ? -1 : slot.number;
    }

    /** Whether this circuit belongs to a host that is joined. */
    boolean isJoined(long circuit) {
        return calls.slots().stream().anyMatch(slot -> slot.handing || slot.absent || slot.circuit.number == circuit);
    }

    /** Bits of the copyset that may stand at rest. */
    int joinedBits() {
        int bits = 0;
        for (HomeCalls.Slot slot : calls.slots()) {
            bits |= slot.absent ? 0 : 1 << Math.min(slot.number, 31);
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
    long entry(int page) {
        return region.entry(page);
    }

    @Override
    void spilled(int page, int cause) {
        region.spilled(page, cause, host.clock());
    }

    @Override
    void loaded(int page, int cause) {
        region.loaded(page, cause, host.clock());
    }

    @Override
    void framesFree() {
        region.framesFree(host.clock());
    }

    @Override
    void shrink(int frames) {
        region.shrink(frames, host.clock());
    }
}
