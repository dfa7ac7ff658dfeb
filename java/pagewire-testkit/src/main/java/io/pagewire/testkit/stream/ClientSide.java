package io.pagewire.testkit.stream;

import io.pagewire.core.Cause;
import java.util.ArrayDeque;

/**
 * A consumers' host: calls the producer's host, receives frames into the slots it is given, and goes on where it was when a circuit
 * breaks.
 *
 * <p>Not thread-safe.
 */
final class ClientSide extends Side {
    private final ClientDaemon owner;
    private final boolean latest;
    private final ArrayDeque<Integer> given = new ArrayDeque<>();
    private Wire wire;
    private boolean up;
    private boolean wasUp;
    private boolean over;
    private boolean dropped;
    private long base = -1;
    private long calledAt;
    private long heardAt;
    private long downSince;
    private long lastAtLoss = -1;
    private long retryNs = StreamTimes.RETRY;
    private long received;
    private long last;
    private long number;
    private int length;
    private long time;
    private int pieces;
    private boolean receiving;
    private boolean passed;

    ClientSide(StreamSimulation world, ClientDaemon owner, int frames, boolean latest) {
        super(world, owner, owner.name + (latest ? " (latest)" : ""), frames, false, false, latest);
        this.owner = owner;
        this.latest = latest;
    }

    void open() {
        hub.start();
        call();
    }

    // ---- calling

    private void call() {
        if (over) {
            return;
        }
        calledAt = world.scheduler.now();
        heardAt = calledAt;
        HomeSide home = world.home();
        Wire[] next = new Wire[1];
        next[0] = world.connect(owner, () -> lost(next[0]), () -> home.closed(next[0]));
        wire = next[0];
        long resume = resumeFrom();
        world.trace("%s calls, having frame %d", owner.name, resume);
        wire.up.send(() -> home.call(next[0], latest, resume, this));
    }

    private long resumeFrom() {
        if (world.bug(StreamBug.RESUME_TOO_FAR) && number > last) {
            last = number;
        }
        return world.bug(StreamBug.RESEND_ACKNOWLEDGED) && last > 0 ? last - 1 : last;
    }

    /** ACCEPT. */
    void accepted(Wire on, long from) {
        if (on != wire || over) {
            return;
        }
        heardAt = world.scheduler.now();
        base = last == 0 ? from : base;
        up = true;
        wasUp = true;
        world.trace("%s is accepted, frames after %d", owner.name, base);
        received = world.bug(StreamBug.CREDIT_OF_OLD_CIRCUIT) ? received : 0;
        sendCredit();
    }

    /** REFUSE, or BYE. */
    void refused(Wire on, int cause) {
        if (on == wire) {
            end(cause, last);
        }
    }

    /** The circuit is closed, or came to nothing. */
    private void lost(Wire on) {
        if (on != wire || over) {
            return;
        }
        hangUp();
        if (!wasUp) {
            end(Cause.OWNER_LOST, last);
            return;
        }
        if (last != lastAtLoss) {
            downSince = world.scheduler.now();
            lastAtLoss = last;
            retryNs = StreamTimes.RETRY;
        }
        owner.after(retryNs, () -> {
            if (wire == null) {
                call();
            }
        });
        retryNs = Math.min(2 * retryNs, StreamTimes.LAST_RETRY);
    }

    private void hangUp() {
        if (wire != null) {
            wire.closeByClient();
            wire = null;
        }
        up = false;
        if (!world.bug(StreamBug.KEEP_PARTIAL)) {
            receiving = false;
        }
    }

    private void end(int cause, long number) {
        if (!over) {
            over = true;
            hangUp();
            owner.isOver(this);
            hub.sourceEnded(cause);
        }
    }

    /** The last consumer has left. */
    @Override
    void consumerLeft() {
        if (!hasConsumers()) {
            owner.isOver(this);
            if (!over) {
                over = true;
                leave();
            }
            owner.closed(this);
        }
    }

    private void leave() {
        if (wire != null) {
            Wire on = wire;
            HomeSide home = world.home();
            wire.up.send(() -> home.left(on));
            hangUp();
        }
    }

    @Override
    void tick() {
        super.tick();
        long now = world.scheduler.now();
        if (over) {
            return;
        }
        if (up) {
            Wire on = wire;
            HomeSide home = world.home();
            wire.up.send(() -> home.heartbeat(on, this));
            if (now - heardAt > StreamTimes.CLIENT_SILENCE && owner.mayJudge()) {
                lost(wire);
            }
        } else if (wasUp && now - downSince > StreamTimes.DROP) {
            end(Cause.OWNER_LOST, last);
        } else if (wire != null && now - calledAt > StreamTimes.ANSWER) {
            lost(wire);
        }
    }

    // ---- what comes

    void echo(Wire on) {
        if (on == wire) {
            heardAt = world.scheduler.now();
        }
    }

    void frame(Wire on, long announced, int bytes, long at) {
        if (isOld(on)) {
            return;
        }
        heardAt = world.scheduler.now();
        boolean goesOn = world.bug(StreamBug.KEEP_PARTIAL) && receiving && announced == number;
        number = announced;
        length = bytes;
        time = at;
        pieces = goesOn ? pieces : 0;
        passed = false;
        receiving = true;
        world.oracle.check(!given.isEmpty(), "%s is sent frame %d and has no slot", owner.name, announced);
        world.oracle.check(announced > last, "%s is sent frame %d after frame %d", owner.name, announced, last);
        if (world.bug(StreamBug.ACKNOWLEDGE_EARLY)) {
            sendCredit(number, 0);
        }
        if (pieces == length) {
            whole();
        }
    }

    void piece(Wire on, long value) {
        if (isOld(on) || !receiving) {
            return;
        }
        heardAt = world.scheduler.now();
        int slot = given.peek();
        if (pieces < length) {
            memory.page(slot).cells[pieces++] = value;
        }
        if (pieces == length) {
            whole();
        } else if (world.bug(StreamBug.REPORT_BEFORE_WHOLE) && pieces == length - 1 && number % 5 == 0) {
            whole();
        }
    }

    private boolean isOld(Wire on) {
        return over || on != wire && !(world.bug(StreamBug.READ_OLD_CIRCUIT) && wire != null && up);
    }

    private void whole() {
        receiving = false;
        int slot = given.poll();
        received++;
        last = number;
        if (!world.bug(StreamBug.REPORT_BEFORE_WHOLE)) {
            for (int cell = 0; cell < length; cell++) {
                long seen = memory.page(slot).cells[cell];
                world.oracle.check(
                        seen == SlotMemory.content(number, cell),
                        "frame %d comes to %s with bytes of frame %d",
                        number,
                        owner.name,
                        SlotMemory.frameOf(seen));
            }
        }
        hub.filled(slot, number, length, time);
        sendCredit();
    }

    void stalled(Wire on) {
        if (on == wire) {
            heardAt = world.scheduler.now();
            hub.waits(false);
        }
    }

    void streamEnded(Wire on, int cause, long newest) {
        if (on != wire || over) {
            return;
        }
        leave();
        end(cause, newest);
    }

    private void sendCredit() {
        sendCredit(last, given.size());
    }

    private void sendCredit(long whole, int room) {
        if (up) {
            Wire on = wire;
            HomeSide home = world.home();
            long total = received + Math.max(room, given.size());
            wire.up.send(() -> home.credit(on, whole, total));
        }
    }

    void wasDroppedByHome() {
        dropped = true;
    }

    @Override
    public void give(int slot) {
        given.add(slot);
        sendCredit();
    }

    @Override
    public void drained() {
        throw world.violation(owner.name + " says drained, and nobody asked");
    }

    @Override
    void daemonDied() {
        super.daemonDied();
        hangUp();
    }

    boolean isOver() {
        return over;
    }

    @Override
    boolean isHome() {
        return false;
    }

    @Override
    boolean isCircuit(int sink) {
        return false;
    }

    @Override
    long base() {
        return Math.max(base, 0);
    }

    @Override
    boolean wasDropped() {
        return dropped;
    }
}
