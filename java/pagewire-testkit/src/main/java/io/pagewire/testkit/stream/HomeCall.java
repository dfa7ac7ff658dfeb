package io.pagewire.testkit.stream;

import io.pagewire.core.Cause;

/**
 * Home's end of the circuit to one host's lossless, or latest, consumers.
 *
 * <p>Not thread-safe.
 */
final class HomeCall {
    final int sink;
    private final HomeSide home;
    private final StreamSimulation world;

    private final boolean latest;
    private final ClientSide client;
    private Wire wire;
    private int newestWire;
    private boolean away;
    private long heardAt;
    private long granted;
    private long sent;
    private long whole;
    private long base;
    private boolean endSaid;
    private boolean out;

    HomeCall(HomeSide home, int sink, Wire wire, boolean latest, ClientSide client) {
        this.home = home;
        this.world = home.world;
        this.sink = sink;

        this.latest = latest;
        this.client = client;
        take(wire);
    }

    private void take(Wire next) {
        wire = next;
        newestWire = next.number;
        away = false;
        granted = 0;
        heardAt = world.scheduler.now();
    }

    void begin() {
        base = home.hub.baseOfNext();
        accept();
        home.hub.add(sink, latest, true, 0, home.dropNs(StreamTimes.HOST_DROP));
    }

    private void accept() {
        world.trace("home accepts circuit %d of %s, frames after %d", wire.number, this, base);
        Wire on = wire;
        long from = base;
        wire.down.send(() -> client.accepted(on, from));
    }

    void resume(Wire next, long number) {
        if (wire != null) {
            wire.closeByHome();
        }
        if (!away) {
            home.hub.away(sink);
        }
        world.counts.resumes++;
        take(next);
        whole = Math.max(whole, number);
        accept();
        home.hub.back(sink, number);
    }

    boolean isOf(ClientSide caller) {
        return client == caller;
    }

    ClientSide client() {
        return client;
    }

    boolean isOlderThan(Wire other) {
        return other.number <= newestWire;
    }

    boolean isOn(Wire other) {
        return wire == other;
    }

    boolean isAway() {
        return away;
    }

    /** Bytes of what was delivered may still be in some queue. */
    boolean bytesUnderway() {
        return sent > whole && !world.bug(StreamBug.REMOVE_WITHOUT_RENEW);
    }

    void deliver(int slot, long number, int length, long time) {
        sent = Math.max(sent, number);
        Wire on = wire;
        wire.down.send(() -> client.frame(on, number, length, time));
        SlotMemory.Page page = home.memory.page(slot);
        for (int cell = 0; cell < length; cell++) {
            wire.down.sendBytes(page, cell, value -> client.piece(on, value));
        }
        if (world.bug(StreamBug.FREE_AT_SEND)) {
            home.daemon.after(0, () -> {
                if (isOn(on)) {
                    home.hub.releasedUpTo(sink, number);
                }
            });
        }
    }

    void credit(long number, long total) {
        heard();
        if (number > whole) {
            whole = number;
            home.hub.releasedUpTo(sink, number);
        }
        int more = (int) (total - granted);
        granted = total;
        if (more > 0 && !away) {
            home.hub.credit(sink, more);
        }
    }

    void heard() {
        heardAt = world.scheduler.now();
    }

    void checkSilence() {
        if (!away && !out && world.scheduler.now() - heardAt > StreamTimes.HOME_SILENCE && home.daemon.mayJudge()) {
            wire.closeByHome();
            lost();
        }
    }

    void lost() {
        wire = null;
        away = true;
        home.hub.away(sink);
    }

    void stalled() {
        Wire on = wire;
        wire.down.send(() -> client.stalled(on));
    }

    void end(int cause) {
        if (away || endSaid && world.bug(StreamBug.END_ONCE)) {
            return;
        }
        endSaid = true;
        Wire on = wire;
        long last = home.hub.newest();
        wire.down.send(() -> client.streamEnded(on, cause, last));
        world.mayTear(on);
    }

    void wasDropped() {
        out = true;
        client.wasDroppedByHome();
    }

    /** Closes the connection; a cause is told if nothing is in its way. */
    void close(int cause) {
        if (wire != null) {
            Wire on = wire;
            if (cause == Cause.TOO_SLOW && world.random.nextBoolean()) {
                wire.down.send(() -> client.refused(on, cause));
            }
            wire.closeByHome();
            wire = null;
        }
    }

    @Override
    public String toString() {
        return client.daemon.name + (latest ? " (latest)" : "") + (away ? ", away" : "");
    }
}
