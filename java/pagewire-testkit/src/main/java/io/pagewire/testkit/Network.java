package io.pagewire.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The network between hosts: delays, and cuts of single directions.
 *
 * <p>Not thread-safe.
 */
final class Network {
    private final Simulation world;
    private final SplittableRandom random;
    private final int[][] cuts;
    private final List<Circuit> circuits = new ArrayList<>();
    private final long usualDelay;
    private final int slowPercent;
    private int made;

    Network(Simulation world, SplittableRandom random, int hosts) {
        this.world = world;
        this.random = random;
        this.cuts = new int[hosts][hosts];
        this.usualDelay = 20_000L << random.nextInt(6);
        this.slowPercent = random.nextInt(4);
    }

    /** While things break, some messages take so long that a lease may run out over them. */
    long delay() {
        long delay = usualDelay / 2 + random.nextLong(usualDelay);
        boolean slow = random.nextInt(100) < slowPercent;
        return slow && !world.isCalm() ? delay * 100 : delay;
    }

    long backoff() {
        long backoff = 400 * Times.MS >> random.nextInt(8);
        return world.isCalm() ? 0 : random.nextLong(backoff);
    }

    boolean isCut(int from, int to) {
        return cuts[from][to] > 0;
    }

    void cut(int from, int to) {
        cuts[from][to]++;
        world.trace("cut from host %d to host %d", from, to);
    }

    void heal(int from, int to) {
        cuts[from][to]--;
        if (cuts[from][to] == 0) {
            world.trace("healed from host %d to host %d", from, to);
            // A copy, because what arrives may open circuits.
            for (Circuit circuit : List.copyOf(circuits)) {
                circuit.healed();
            }
        }
    }

    Circuit open(SharedRegion region, long epoch, int client, int home, Circuit.End end) {
        Circuit circuit = new Circuit(world, ++made, region, epoch, client, home, end);
        circuits.removeIf(Circuit::dead);
        circuits.add(circuit);
        return circuit;
    }

    /** A circuit that lives, or null. */
    Circuit any() {
        circuits.removeIf(Circuit::dead);
        return circuits.isEmpty() ? null : circuits.get(random.nextInt(circuits.size()));
    }
}
