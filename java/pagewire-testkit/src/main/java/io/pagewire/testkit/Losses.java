package io.pagewire.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The part of the oracle that knows when stores may be lost: with a holder whose page somebody needs after its
 * lease, or because home cannot store them. What was forced stays, and nothing is lost in silence.
 *
 * <p>Not thread-safe.
 */
final class Losses {
    /**
     * A force that is under way: the newest value of each page from {@code first} on if it was stored through the daemon that
     * forces, else 0.
     */
    record Promise(int first, long[] values) {}

    private final Simulation world;
    private final Oracle oracle;
    private final Node[][] lastWriter;
    private final long[][] forced;

    /** Pages of which nobody knows whether somebody holds a newer value than home. */
    private final boolean[][] doubtful;

    /** Pages whose newest bytes home could not store, until it gives the page out again. */
    private final boolean[][] unstored;

    private final boolean[] restarted;
    private final boolean[] storeFailed;

    /** Values that home gave up, or may have given up, and said so. */
    private final List<Set<Long>> announced = new ArrayList<>();

    private final Map<Circuit, Integer> toBeTold = new LinkedHashMap<>();
    private long forces;
    private long losses;

    Losses(Simulation world, Oracle oracle) {
        this.world = world;
        this.oracle = oracle;
        int regions = world.regions.size();
        this.lastWriter = new Node[regions][];
        this.forced = new long[regions][];
        this.doubtful = new boolean[regions][];
        this.unstored = new boolean[regions][];
        this.restarted = new boolean[regions];
        this.storeFailed = new boolean[regions];
        for (int r = 0; r < regions; r++) {
            int pages = world.regions.get(r).pages();
            lastWriter[r] = new Node[pages];
            forced[r] = new long[pages];
            doubtful[r] = new boolean[pages];
            unstored[r] = new boolean[pages];
            announced.add(new HashSet<>());
        }
    }

    long forces() {
        return forces;
    }

    long losses() {
        return losses;
    }

    void wrote(Node node, int page) {
        lastWriter[node.shared.number][page] = node;
    }

    /** The bytes home would send, if it could; {@link Memory#NOTHING} when there is no home. */
    long homeValue(SharedRegion region, int page) {
        if (region.inFile) {
            return region.frames[page];
        }
        Daemon owner = world.hosts.get(region.homeHost).daemon();
        HomeNode home = owner == null ? null : owner.home(region);
        return home == null ? Memory.NOTHING : home.memory.value(page);
    }

    /** What was held elsewhere when home's daemon died is held there still: home has a book of that. */
    void homeRestarted(HomeNode home) {
        restarted[home.shared.number] = home.shared.book == null;
    }

    boolean isDoubtful(SharedRegion region, int page) {
        return doubtful[region.number][page];
    }

    /** Home uses its bytes of the page: from now on they are what counts. */
    void homeUses(SharedRegion region, int page) {
        if (doubtful[region.number][page]) {
            goBack(region, page);
        }
    }

    /** The core of home says that a holder is gone with what it had written. */
    void lost(HomeNode home, int first, int count, int slot) {
        for (int page = first; page < first + count; page++) {
            long newest = oracle.newest(home.shared, page);
            long atHome = homeValue(home.shared, page);
            announced.get(home.shared.number).add(newest);
            boolean notStored = unstored[home.shared.number][page];
            String wrong = newest == atHome || notStored || home.shared.lost ? null : tooEarly(home, page, slot);
            if (wrong != null) {
                throw violation(home.shared, page, "goes back from " + newest + " to " + atHome + ", but " + wrong);
            }
            if (!notStored) {
                goBack(home.shared, page);
            }
        }
        for (HomeCalls.Slot other : home.calls().slots()) {
            if (!other.handing) {
                toBeTold.merge(other.circuit, 1, Integer::sum);
            }
        }
    }

    /** Null when home may give up what the slot has written: its daemon is dead, or it is absent and somebody needs the page. */
    private String tooEarly(HomeNode home, int page, int number) {
        HomeCalls.Slot slot = home.calls().slot(number);
        if (!slot.absent) {
            return "slot " + number + " has not been given up after its lease";
        }
        Daemon daemon = world.hosts.get(slot.circuit.clientHost()).daemon();
        boolean lives = daemon != null && daemon.alive() && daemon.session == slot.session;
        if (lives && !home.region().isWaitedFor(page)) {
            return "slot " + number + " may come back, and nobody needs the page";
        }
        return lives && world.mustServe() ? "slot " + number + " must have come back long ago" : null;
    }

    /** A client has heard of a loss. */
    void told(Circuit circuit) {
        toBeTold.merge(circuit, -1, Integer::sum);
    }

    /** Everybody who could be told of a loss has been told. */
    void checkAllTold() {
        toBeTold.forEach((circuit, open) -> {
            if (open != 0 && !circuit.homeClosed() && !circuit.clientClosed()) {
                throw new Violation(world.where() + "host " + circuit.clientHost() + " was told of " + -open
                        + " losses of region " + circuit.region.number + " more than there were");
            }
        });
    }

    /** Home cannot write these pages where they belong; who has a copy may use it until home gives the page out again. */
    void notStored(HomeNode home, int first, int count) {
        Arrays.fill(doubtful[home.shared.number], first, first + count, true);
        Arrays.fill(unstored[home.shared.number], first, first + count, true);
        storeFailed[home.shared.number] = true;
    }

    /** Bytes come back from a host that was given up long ago, or by an earlier life of home: home cannot place them. */
    void refused(HomeNode home, long value) {
        announced.get(home.shared.number).add(value);
    }

    /**
     * A client says that what it had written is lost; then it must not be what counts. Home whose disk has failed does not know of
     * what is handed back whether it was stored, and says lost in any case.
     */
    void ownLost(ClientNode node, int page) {
        SharedRegion region = node.shared;
        long mine = node.memory.newestSent(page);
        boolean known = announced.get(region.number).contains(mine)
                || restarted[region.number]
                || storeFailed[region.number]
                || region.lost;
        if (!known && homeValue(region, page) >= mine) {
            throw violation(
                    region, page, "= " + mine + " is called lost by host " + node.host.number + ", but home has it");
        }
        // A host that was told of a store that failed keeps its copy until home takes it back.
        if (restarted[region.number] && !unstored[region.number][page]) {
            homeUses(region, page);
        }
        if (lastWriter[region.number][page] == node) {
            lastWriter[region.number][page] = null;
        }
        boolean counts = mine == oracle.newest(region, page) && !doubtful[region.number][page];
        if (!region.lost && counts && homeValue(region, page) != mine) {
            throw violation(
                    region,
                    page,
                    "= " + mine + " is given up by host " + node.host.number + ", and nobody else was told");
        }
    }

    private void goBack(SharedRegion region, int page) {
        doubtful[region.number][page] = false;
        unstored[region.number][page] = false;
        long atHome = homeValue(region, page);
        if (region.lost || atHome == oracle.newest(region, page)) {
            return;
        }
        if (atHome < forced[region.number][page]) {
            throw violation(
                    region, page, "goes back to " + atHome + ", but " + forced[region.number][page] + " was forced");
        }
        world.trace("page %d of region %d goes back to %d", page, region.number, atHome);
        losses++;
        lastWriter[region.number][page] = null;
        oracle.goesBack(region, page, atHome);
    }

    Promise promise(ClientNode node, int first, int count) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            boolean ours = lastWriter[node.shared.number][first + i] == node;
            values[i] = ours ? oracle.newest(node.shared, first + i) : 0;
        }
        return new Promise(first, values);
    }

    /** A force has returned: home has these values, or newer ones, and keeps them. */
    void forced(ClientNode node, Promise promise) {
        forces++;
        SharedRegion region = node.shared;
        for (int i = 0; i < promise.values.length; i++) {
            int page = promise.first + i;
            long atHome = homeValue(region, page);
            if (region.lost || atHome == Memory.NOTHING) {
                return;
            }
            if (atHome < promise.values[i]) {
                throw violation(region, page, "= " + promise.values[i] + " was forced, but home has " + atHome);
            }
            forced[region.number][page] = Math.max(forced[region.number][page], promise.values[i]);
        }
    }

    private Violation violation(SharedRegion region, int page, String what) {
        return new Violation(world.where() + "page " + page + " of region " + region.number + " " + what);
    }
}
