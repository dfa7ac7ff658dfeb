package io.pagewire.testkit.stream;

import io.pagewire.core.Cause;
import io.pagewire.core.stream.StreamHub;
import io.pagewire.core.stream.StreamPort;
import java.util.TreeMap;

/**
 * One host's end of the stream within its daemon: slots, hub, and the local consumers.
 *
 * <p>Not thread-safe.
 */
abstract class Side implements StreamPort {
    /** The daemon's end of a consumer's socket. */
    private final class LocalEnd {
        final int sink;
        final Consumer consumer;
        final Line toConsumer;
        boolean removed;
        /** A latest consumer waits for a frame. */
        boolean asks;

        LocalEnd(int sink, Consumer consumer) {
            this.sink = sink;
            this.consumer = consumer;
            this.toConsumer = new Line(consumer);
        }
    }

    /** As many as a daemon has: more than all consumers of a run can keep. */
    private static final int SLOTS = 80;

    final StreamSimulation world;
    final Daemon daemon;
    final SlotMemory memory;
    final CheckedHub hub;
    private final TreeMap<Integer, LocalEnd> locals = new TreeMap<>();

    Side(StreamSimulation world, Daemon daemon, String name, int frames, boolean home, boolean keeps, boolean sparse) {
        this.world = world;
        this.daemon = daemon;
        this.memory = new SlotMemory(SLOTS);
        this.hub = new CheckedHub(world, name, this, frames, SLOTS, home, keeps, sparse);
    }

    // ---- local consumers

    final void subscribe(Consumer consumer) {
        int sink = freeSink();
        LocalEnd end = new LocalEnd(sink, consumer);
        locals.put(sink, end);
        consumer.joins(this, sink, new Line(daemon));
        end.toConsumer.send(consumer::subscribed);
        long drop = dropNs(StreamTimes.DROP);
        SinkBook book = hub.add(sink, consumer.latest, false, consumer.latest ? 0 : StreamHub.UNLIMITED, drop);
        consumer.firstAfter(book.base > 0 || isHome() ? book.base : -1);
    }

    final void next(int sink) {
        LocalEnd end = locals.get(sink);
        if (end.removed) {
            return;
        }
        if (end.consumer.latest) {
            end.asks = true;
            hub.credit(sink, 1);
        } else {
            hub.finished(sink);
            int held = end.consumer.held();
            if (world.bug(StreamBug.NEXT_RELEASES) && held >= 0) {
                hub.released(sink, held);
                end.consumer.forgetRelease();
            }
        }
    }

    final void release(int sink, int slot) {
        if (world.bug(StreamBug.LOSE_RELEASE) && world.random.nextInt(10) == 0 || locals.get(sink).removed) {
            return;
        }
        hub.released(sink, slot);
    }

    final void cancel(int sink, Runnable answered) {
        if (!world.bug(StreamBug.IGNORE_CANCEL) && !locals.get(sink).removed) {
            hub.cancel(sink);
            locals.get(sink).asks = false;
        }
        locals.get(sink).toConsumer.send(answered);
    }

    /** The consumer's socket is closed. */
    final void unsubscribed(int sink) {
        if (!locals.remove(sink).removed) {
            hub.remove(sink, false);
        }
        consumerLeft();
    }

    final boolean hasConsumers() {
        return !locals.isEmpty();
    }

    final long dropNs(long honest) {
        if (world.bug(StreamBug.DROP_WITHOUT_DEADLINE)) {
            return honest / 4;
        }
        return world.bug(StreamBug.NEVER_DROP) ? honest * 1000 : honest;
    }

    final int freeSink() {
        for (int sink = 0; sink < CheckedHub.MOST_SINKS; sink++) {
            if (!locals.containsKey(sink) && !isCircuit(sink)) {
                return sink;
            }
        }
        return -1;
    }

    /** The daemon has died, and with it its ends of all sockets. */
    void daemonDied() {
        for (LocalEnd end : locals.values()) {
            end.toConsumer.end(end.consumer::daemonLost);
        }
    }

    abstract boolean isHome();

    abstract boolean isCircuit(int sink);

    abstract void consumerLeft();

    /** The frame before the first that this host gets. */
    abstract long base();

    /** Whether the producer's host has dropped this one. */
    abstract boolean wasDropped();

    void tick() {
        hub.tick();
    }

    // ---- what the hub decides

    @Override
    public void deliver(int sink, int slot, long number, int length, long timeNs) {
        LocalEnd end = locals.get(sink);
        if (world.bug(StreamBug.LOSE_FRAME) && world.random.nextInt(20) == 0) {
            return;
        }
        if (world.bug(StreamBug.SKIP_UNCOUNTED) && end.consumer.latest && number % 7 == 0) {
            daemon.after(0, () -> skipUncounted(sink, slot));
            return;
        }
        end.asks = false;
        long skipped = isHome() ? hub.hub.skipped(sink) : -1;
        end.toConsumer.send(() -> end.consumer.frame(slot, number, length, timeNs, skipped));
    }

    private void skipUncounted(int sink, int slot) {
        if (locals.containsKey(sink)) {
            hub.released(sink, slot);
            if (locals.get(sink).asks) {
                hub.credit(sink, 1);
            }
        }
    }

    @Override
    public void stalled(int sink) {
        throw world.violation("local sink " + sink + " is told that it stalls");
    }

    @Override
    public void end(int sink, int cause) {
        LocalEnd end = locals.get(sink);
        long last = hub.newest();
        end.toConsumer.send(() -> end.consumer.streamEnded(cause, last));
    }

    @Override
    public void dropped(int sink, long heldUpNs) {
        LocalEnd end = locals.get(sink);
        world.trace("%s drops %s", daemon.name, end.consumer.name);
        end.consumer.wasDropped();
        if (world.bug(StreamBug.TAKE_FROM_DROPPED)) {
            daemon.after(0, () -> takeAll(end));
        }
        long last = hub.newest();
        end.toConsumer.send(() -> end.consumer.streamEnded(Cause.TOO_SLOW, last));
    }

    private void takeAll(LocalEnd end) {
        if (locals.get(end.sink) == end) {
            end.removed = true;
            hub.remove(end.sink, false);
        }
    }

    @Override
    public void renew(int slot) {
        if (!world.bug(StreamBug.NO_RENEW)) {
            memory.renew(slot);
        }
    }
}
