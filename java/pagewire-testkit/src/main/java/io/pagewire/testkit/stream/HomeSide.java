package io.pagewire.testkit.stream;

import io.pagewire.core.Cause;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The producer's host: its end of the producer's socket, and of the circuits of other hosts.
 *
 * <p>Not thread-safe.
 */
final class HomeSide extends Side {
    private final TreeMap<Integer, HomeCall> calls = new TreeMap<>();
    private final Set<ClientSide> dropped = new HashSet<>();
    private final Map<ClientSide, Integer> newestWires = new HashMap<>();
    private Producer producer;
    private Line toProducer;
    private boolean over;

    HomeSide(StreamSimulation world, Daemon daemon, int frames, boolean keeps) {
        super(world, daemon, "home", frames, true, keeps, false);
    }

    // ---- the producer

    void publish(Producer program) {
        producer = program;
        toProducer = new Line(program);
        hub.start();
    }

    void producerWaits() {
        world.counts.waits++;
        hub.waits(true);
    }

    void filled(int slot, int length, long time) {
        world.oracle.filled(hub.newest() + 1);
        hub.filled(slot, 0, length, time);
    }

    void drain() {
        hub.hub.drain(world.scheduler.now());
    }

    void finish() {
        if (world.bug(StreamBug.END_BEFORE_DRAINED)) {
            calls.values().forEach(call -> call.end(0));
        }
        over = true;
        hub.sourceEnded(world.bug(StreamBug.END_TAKEN_FOR_LOSS) ? Cause.PRODUCER_LOST : 0);
    }

    void producerGone() {
        if (!over) {
            over = true;
            hub.sourceEnded(world.bug(StreamBug.LOSS_TAKEN_FOR_END) ? 0 : Cause.PRODUCER_LOST);
        }
    }

    @Override
    public void give(int slot) {
        toProducer.send(() -> producer.empty(slot));
    }

    @Override
    public void drained() {
        toProducer.send(producer::drained);
    }

    // ---- circuits

    /** SETUP. */
    void call(Wire wire, boolean latest, long resume, ClientSide client) {
        HomeCall call = find(client);
        world.trace(
                "home is called over circuit %d by %s, which has frame %d", wire.number, client.daemon.name, resume);
        if (call != null && call.isOlderThan(wire)) {
            wire.closeByHome();
            return;
        }
        if (call == null && wire.number < newestWires.getOrDefault(client, 0)) {
            wire.closeByHome(); // the network held it back until its host had called again and left
            return;
        }
        newestWires.put(client, wire.number);
        if (dropped.contains(client)) {
            refuse(wire, client, Cause.TOO_SLOW);
        } else if (call != null) {
            call.resume(wire, resume);
        } else if (resume > 0) {
            throw world.violation(client.daemon.name + " goes on after frame " + resume + " and was not known");
        } else if (over && hub.hub.kept() == 0) {
            refuse(wire, client, Cause.NO_OWNER);
        } else {
            int sink = freeSink();
            calls.put(sink, new HomeCall(this, sink, wire, latest, client));
            calls.get(sink).begin();
        }
    }

    private HomeCall find(ClientSide client) {
        for (HomeCall call : calls.values()) {
            if (call.isOf(client)) {
                return call;
            }
        }
        return null;
    }

    private void refuse(Wire wire, ClientSide client, int cause) {
        wire.down.send(() -> client.refused(wire, cause));
        wire.closeByHome();
    }

    void credit(Wire wire, long number, long total) {
        for (HomeCall call : calls.values()) {
            if (call.isOn(wire)) {
                call.credit(number, total);
                return;
            }
        }
    }

    void heartbeat(Wire wire, ClientSide client) {
        for (HomeCall call : calls.values()) {
            if (call.isOn(wire)) {
                call.heard();
                wire.down.send(() -> client.echo(wire));
                return;
            }
        }
    }

    /** LEFT. */
    void left(Wire wire) {
        for (HomeCall call : calls.values()) {
            if (call.isOn(wire)) {
                remove(call);
                return;
            }
        }
    }

    void closed(Wire wire) {
        wire.closeByHome();
        for (HomeCall call : calls.values()) {
            if (call.isOn(wire)) {
                call.lost();
                return;
            }
        }
    }

    private void remove(HomeCall call) {
        world.trace("home removes %s", call);
        call.close(0);
        calls.remove(call.sink);
        hub.remove(call.sink, call.bytesUnderway());
    }

    @Override
    void tick() {
        for (HomeCall call : calls.values()) {
            call.checkSilence();
        }
        super.tick();
    }

    @Override
    public void deliver(int sink, int slot, long number, int length, long timeNs) {
        if (calls.containsKey(sink)) {
            calls.get(sink).deliver(slot, number, length, timeNs);
        } else {
            super.deliver(sink, slot, number, length, timeNs);
        }
    }

    @Override
    public void stalled(int sink) {
        if (!world.bug(StreamBug.FORGET_STALLED)) {
            calls.get(sink).stalled();
        }
    }

    @Override
    public void end(int sink, int cause) {
        if (calls.containsKey(sink)) {
            calls.get(sink).end(cause);
        } else {
            super.end(sink, cause);
        }
    }

    @Override
    public void dropped(int sink, long heldUpNs) {
        HomeCall call = calls.get(sink);
        if (call == null) {
            super.dropped(sink, heldUpNs);
            return;
        }
        world.trace("home drops %s", call);
        world.oracle.check(!world.isSettled() || call.isAway(), "home drops %s, which is there and acts", call);
        call.wasDropped();
        dropped.add(call.client());
        daemon.after(0, () -> {
            if (calls.get(sink) == call) {
                call.close(Cause.TOO_SLOW);
                calls.remove(sink);
                hub.remove(sink, call.bytesUnderway());
            }
        });
    }

    @Override
    void daemonDied() {
        super.daemonDied();
        calls.values().forEach(call -> call.close(0));
        if (toProducer != null) {
            toProducer.end(producer::lost);
        }
    }

    @Override
    boolean isHome() {
        return true;
    }

    @Override
    boolean isCircuit(int sink) {
        return calls.containsKey(sink);
    }

    @Override
    long base() {
        return 0;
    }

    @Override
    boolean wasDropped() {
        return false;
    }

    @Override
    void consumerLeft() {}
}
