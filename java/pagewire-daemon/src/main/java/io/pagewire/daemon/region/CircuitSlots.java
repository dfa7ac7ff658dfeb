package io.pagewire.daemon.region;

import java.util.ArrayList;
import java.util.List;

/**
 * The hosts that share a home region, by slot. A slot stands for one session of one host's daemon: the copies that a killed
 * daemon's programs may still use do not go away because a new daemon of that host calls, so the new one gets a slot of its
 * own and the old one runs out by its deadline.
 *
 * <p>Belongs to the region's event loop.
 */
final class CircuitSlots {
    private final List<HomeCircuit> slots = new ArrayList<>();

    /** The slot of this daemon session's circuit of that kind, or a free one. */
    int slotOf(long session, boolean preloaded) {
        int free = -1;
        for (int i = 0; i < slots.size(); i++) {
            HomeCircuit circuit = slots.get(i);
            if (circuit == null) {
                free = free < 0 ? i : free;
            } else if (circuit.setup().session() == session && circuit.isPreloaded() == preloaded) {
                return i;
            }
        }
        if (free < 0) {
            free = slots.size();
            slots.add(null);
        }
        return free;
    }

    /** The circuit of that kind of this daemon session, or null. */
    HomeCircuit find(long session, boolean preloaded) {
        for (int i = 0; i < slots.size(); i++) {
            HomeCircuit circuit = slots.get(i);
            if (circuit != null && circuit.setup().session() == session && circuit.isPreloaded() == preloaded) {
                return circuit;
            }
        }
        return null;
    }

    HomeCircuit get(int slot) {
        return slot < slots.size() ? slots.get(slot) : null;
    }

    void put(int slot, HomeCircuit circuit) {
        while (slots.size() <= slot) {
            slots.add(null);
        }
        slots.set(slot, circuit);
    }

    void clear(int slot) {
        slots.set(slot, null);
    }

    /** The circuits that are there now. */
    List<HomeCircuit> all() {
        boolean any = false;
        for (int i = 0; i < slots.size() && !any; i++) {
            any = slots.get(i) != null;
        }
        if (!any) {
            return List.of();
        }
        List<HomeCircuit> present = new ArrayList<>(slots.size());
        for (HomeCircuit circuit : slots) {
            if (circuit != null) {
                present.add(circuit);
            }
        }
        return present;
    }
}
