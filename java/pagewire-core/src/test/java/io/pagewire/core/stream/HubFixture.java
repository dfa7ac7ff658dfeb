package io.pagewire.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A hub, what it said since it was last asked, and a source that fills the slots it was given in their order. */
class HubFixture implements StreamPort {
    static final long SECOND = 1_000_000_000L;
    static final long DROP = 5 * SECOND;

    final Deque<Integer> given = new ArrayDeque<>();
    private final List<String> said = new ArrayList<>();
    StreamHub hub;
    long now = 100 * SECOND;

    StreamHub open(int frames, int slots, boolean keeps) {
        hub = new StreamHub(this, frames, slots, 8, keeps);
        hub.start();
        hub.tick(now);
        said.clear();
        return hub;
    }

    void local(int sink) {
        hub.addSink(sink, false, false, StreamHub.UNLIMITED, DROP, now);
    }

    void latest(int sink) {
        hub.addSink(sink, true, false, 0, DROP, now);
    }

    void circuit(int sink, int credit) {
        hub.addSink(sink, false, true, credit, DROP, now);
    }

    void latestCircuit(int sink, int credit) {
        hub.addSink(sink, true, true, credit, DROP, now);
    }

    /** Fills the next given slot and says which it was. */
    int fill() {
        int slot = given.remove();
        assertThat(hub.filled(slot, 100, 7, now)).isNull();
        return slot;
    }

    /** Lets time go by in steps in which a daemon that is not held up ticks. */
    void pass(long time) {
        for (long end = now + time; now < end; ) {
            now = Math.min(end, now + 100_000_000L);
            hub.tick(now);
        }
    }

    List<String> said() {
        List<String> copy = List.copyOf(said);
        said.clear();
        return copy;
    }

    /** What was said to sinks, without what was said to the source. */
    List<String> toSinks() {
        return said().stream()
                .filter(line -> !line.startsWith("give") && !line.startsWith("renew"))
                .toList();
    }

    @Override
    public void give(int slot) {
        given.add(slot);
        said.add("give " + slot);
    }

    @Override
    public void deliver(int sink, int slot, long number, int length, long timeNs) {
        assertThat(length).isEqualTo(100);
        assertThat(timeNs).isEqualTo(7);
        said.add("deliver " + number + " in " + slot + " to " + sink);
    }

    @Override
    public void stalled(int sink) {
        said.add("stalled " + sink);
    }

    @Override
    public void end(int sink, int cause) {
        said.add("end " + sink + " cause " + cause);
    }

    @Override
    public void dropped(int sink, long heldUpNs) {
        said.add("dropped " + sink + " after " + heldUpNs / 1_000_000 + " ms");
    }

    @Override
    public void renew(int slot) {
        said.add("renew " + slot);
    }

    @Override
    public void drained() {
        said.add("drained");
    }
}
