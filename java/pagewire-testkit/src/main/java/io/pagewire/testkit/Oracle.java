package io.pagewire.testkit;

import io.pagewire.core.Cause;
import io.pagewire.core.HostState;
import io.pagewire.core.PageTable;
import io.pagewire.core.Right;

/**
 * Knows what every load must see and what no instant may show. It watches rights and bytes where the kernel and the frames would
 * have them, not where the core believes them to be.
 *
 * <p>A store is an instant, and so is a load once it has its right; the oracle demands that a load returns the value of the last
 * store before it in real time. That is per-page linearizability, and stricter than asking whether the value was the newest at
 * some moment between the start of the load and its end.
 *
 * <p>Not thread-safe.
 */
final class Oracle {
    private final Simulation world;
    private final long[][] newest;
    private final int[][] writers;
    private final int[][] readersElsewhere;
    private long stores;
    private long loads;
    private long failures;
    private long remoteLoads;

    Oracle(Simulation world) {
        this.world = world;
        int regions = world.regions.size();
        this.newest = new long[regions][];
        this.writers = new int[regions][];
        this.readersElsewhere = new int[regions][];
        for (int r = 0; r < regions; r++) {
            int pages = world.regions.get(r).pages();
            newest[r] = new long[pages];
            writers[r] = new int[pages];
            readersElsewhere[r] = new int[pages];
        }
    }

    long stores() {
        return stores;
    }

    long loads() {
        return loads;
    }

    long remoteLoads() {
        return remoteLoads;
    }

    long failures() {
        return failures;
    }

    /** At every instant a page has writers at home or readers elsewhere, never both. */
    void rightChanged(Mapping mapping, int page, Right before, Right now) {
        int r = mapping.shared.number;
        if (mapping.isHome()) {
            writers[r][page] += (now == Right.WRITE ? 1 : 0) - (before == Right.WRITE ? 1 : 0);
        } else {
            readersElsewhere[r][page] += (now != Right.NONE ? 1 : 0) - (before != Right.NONE ? 1 : 0);
            if (now == Right.WRITE) {
                throw violation(mapping, page, "got write access on a host that does not own the region");
            }
        }
        if (now.compareTo(before) <= 0) {
            return;
        }
        if (writers[r][page] > 0 && readersElsewhere[r][page] > 0) {
            excuse(mapping.shared);
        }
        if (writers[r][page] > 0 && readersElsewhere[r][page] > 0) {
            throw violation(
                    mapping,
                    page,
                    "got " + now + " while " + writers[r][page] + " may write at home and " + readersElsewhere[r][page]
                            + " may read elsewhere");
        }
        checkBooks(mapping, page);
    }

    /**
     * A stopped process whose daemon is dead or was stopped as well keeps its rights in the kernel, and nobody is there to kill
     * it. It uses none of them; when it is continued, its agent runs first and takes them. That is the exception the promise
     * names, and the only one.
     */
    private void excuse(SharedRegion region) {
        for (Host host : world.hosts) {
            for (App app : host.apps) {
                for (Mapping mapping : app.mappings()) {
                    if (mapping.shared == region && mapping.isBeyondReach()) {
                        mapping.takeAll();
                    }
                }
            }
        }
    }

    void wrote(Mapping mapping, int page) {
        SharedRegion region = mapping.shared;
        if (!world.directory.alive(region.ownerSession)) {
            throw violation(mapping, page, "was written although its owner's directory session has expired");
        }
        stores++;
        newest[region.number][page] = stores;
        region.frames[page] = stores;
        world.trace(
                "host %d, app %d: page %d of region %d = %d",
                mapping.app.host.number, mapping.app.number, page, region.number, stores);
    }

    void read(Mapping mapping, int page) {
        loads++;
        remoteLoads += mapping.isHome() ? 0 : 1;
        long seen = mapping.node.frames()[page];
        long expected = newest[mapping.shared.number][page];
        world.trace(
                "host %d, app %d: page %d of region %d is %d",
                mapping.app.host.number, mapping.app.number, page, mapping.shared.number, seen);
        if (seen != expected) {
            throw violation(mapping, page, "was read as " + seen + ", but " + expected + " was stored before");
        }
    }

    void failed(SharedRegion region, int page, int cause, App app) {
        failures++;
        boolean gone = region.lost && cause == Cause.DATA_LOST;
        if (!gone && world.mustServe()) {
            throw new Violation(world.where() + "page " + page + " of region " + region.number + " failed with cause "
                    + cause + " in app " + app.number + " on host " + app.host.number
                    + ", long after all faults have stopped");
        }
    }

    /** The bytes of these pages are being read at home: nobody may be able to change them. */
    void pagesLeaveHome(SharedRegion region, int first, int count) {
        for (int page = first; page < first + count; page++) {
            if (writers[region.number][page] > 0) {
                excuse(region);
            }
            if (writers[region.number][page] > 0) {
                throw new Violation(world.where() + "page " + page + " of region " + region.number
                        + " is sent while a process may write to it");
            }
        }
    }

    /** The frames are given back: no process of the host may look at them. */
    void framesGivenBack(ClientNode node, int first, int count) {
        for (App app : node.host.apps) {
            for (Mapping mapping : app.mappings()) {
                for (int page = first; mapping.node == node && page < first + count; page++) {
                    if (mapping.right(page) != Right.NONE) {
                        throw violation(mapping, page, "is given back while a process may read it");
                    }
                }
            }
        }
    }

    /** No process may have more than its daemon believes, and no entry may be nonsense. */
    void checkEntries(Daemon daemon) {
        for (HomeNode node : daemon.homes()) {
            for (int page = 0; page < node.shared.pages(); page++) {
                String wrong = homeNonsense(node, page);
                if (wrong != null) {
                    throw nonsense(node, page, wrong);
                }
            }
        }
        for (ClientNode node : daemon.clients()) {
            for (int page = 0; page < node.shared.pages(); page++) {
                String wrong = clientNonsense(node, page);
                if (wrong != null) {
                    throw nonsense(node, page, wrong);
                }
            }
        }
        for (App app : daemon.host.apps) {
            for (Mapping mapping : app.mappings()) {
                for (int page = 0; page < mapping.shared.pages(); page++) {
                    checkBooks(mapping, page);
                }
            }
        }
    }

    private void checkBooks(Mapping mapping, int page) {
        if (mapping.daemon.alive() && mapping.daemon.mapping(mapping.id) == mapping) {
            Right most = PageTable.right(mapping.node.entry(page));
            if (mapping.right(page).compareTo(most) > 0) {
                throw violation(
                        mapping,
                        page,
                        "gives a process " + mapping.right(page) + ", but its daemon's entry says "
                                + mapping.node.entry(page) + " (" + most + ")");
            }
        }
    }

    private static String homeNonsense(HomeNode node, int page) {
        long entry = node.entry(page);
        HostState state = PageTable.hostState(entry);
        boolean writable = PageTable.right(entry) == Right.WRITE;
        if (!PageTable.isPresent(entry) || PageTable.isRemote(entry) || PageTable.isOnDisk(entry)) {
            return "a page at home is not simply present";
        }
        if (state == HostState.ABSENT || (state == HostState.EXCLUSIVE) != writable) {
            return "the state does not fit the right";
        }
        int copies = node.region().copyset(page);
        if (writable && copies != 0) {
            return "local processes may write, but the copyset is " + Integer.toBinaryString(copies);
        }
        if ((copies & ~node.joinedBits()) != 0) {
            return "the copyset " + Integer.toBinaryString(copies) + " names hosts that are gone";
        }
        return PageTable.value(entry) == page ? null : "the frame is not the page's own";
    }

    private static String clientNonsense(ClientNode node, int page) {
        long entry = node.entry(page);
        boolean ready = PageTable.isReady(entry);
        if (PageTable.isPresent(entry) == PageTable.isRemote(entry) || PageTable.isOnDisk(entry)) {
            return "a page at a client is neither present nor remote, or both";
        }
        if (PageTable.hostState(entry) != (ready ? HostState.SHARED : HostState.ABSENT)) {
            return "the state does not fit the place";
        }
        if (PageTable.right(entry) != Right.NONE && !ready) {
            return "a right on a page that is not here";
        }
        return null;
    }

    /** Whoever has a copy on a living circuit stands in the copyset. */
    void checkCopysets() {
        for (Host host : world.hosts) {
            Daemon daemon = host.daemon();
            if (daemon == null || !daemon.alive()) {
                continue;
            }
            for (ClientNode node : daemon.clients()) {
                Daemon owner = world.hosts.get(node.shared.homeHost).daemon();
                HomeNode home = owner == null || !owner.alive() ? null : owner.home(node.shared);
                int slot = home == null || !node.connected() ? -1 : home.slotOn(node.circuit());
                for (int page = 0; slot >= 0 && page < node.shared.pages(); page++) {
                    boolean named = (home.region().copyset(page) >>> Math.min(slot, 31) & 1) != 0;
                    if (PageTable.isReady(node.entry(page)) && !named) {
                        throw nonsense(node, page, "a copy is here, but home does not know of it");
                    }
                }
            }
        }
    }

    /** Nothing moves any more: nothing may be left over. */
    void checkRest() {
        checkCopysets();
        for (Host host : world.hosts) {
            for (App app : host.apps) {
                for (Worker worker : app.workers()) {
                    if (app.alive() && worker.waiting()) {
                        throw new Violation(world.where() + worker.describe() + ", although everything is at rest");
                    }
                }
            }
            for (HomeNode node : host.daemon().homes()) {
                expectNone(node, "requests wait at home", node.region().waiting());
                expectNone(node, "pages are busy at home", node.region().busyPages());
                expectNone(node, "revokes are unanswered at home", node.region().unansweredRevokes());
            }
            for (ClientNode node : host.daemon().clients()) {
                expectNone(node, "requests wait", node.region().waiting());
                expectNone(node, "fetches are open", node.region().openRequests());
                expectNone(node, "purges wait", node.region().waitingPurges());
                expectNone(node, "revokes are unanswered", node.region().unansweredRevokes());
            }
        }
    }

    private void expectNone(Node node, String what, int count) {
        if (count != 0) {
            throw new Violation(world.where() + "host " + node.host.number + ", region " + node.shared.number + ": "
                    + count + " " + what + " although everything is at rest");
        }
    }

    private Violation violation(Mapping mapping, int page, String what) {
        return new Violation(world.where() + "page " + page + " of region " + mapping.shared.number + " " + what
                + " (app " + mapping.app.number + " on host " + mapping.app.host.number + ")");
    }

    private Violation nonsense(Node node, int page, String what) {
        return new Violation(world.where() + "host " + node.host.number + ", page " + page + " of region "
                + node.shared.number + ": " + what);
    }
}
