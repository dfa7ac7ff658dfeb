package io.pagewire.testkit;

import io.pagewire.core.Cause;
import io.pagewire.core.Right;

/**
 * Knows what every load must see and what no instant may show. It watches rights and bytes where the kernel and the frames would
 * have them, not where the core believes them to be.
 *
 * <p>A store is an instant, and so is a load once it has its right; the oracle demands that a load returns the value of the last
 * store before it in real time. That is per-page linearizability, and stricter than asking whether the value was the newest at
 * some moment between the start of the load and its end. A store leaves the rest of its page as it is, so it must find the
 * newest value as well.
 *
 * <p>Not thread-safe.
 */
final class Oracle {
    private final Simulation world;
    private final Losses losses;
    private final long[][] newest;

    /** Per region, page and host: processes that may write, and that may do anything. */
    private final int[][][] writers;

    private final int[][][] users;
    private long stores;
    private long remoteStores;
    private long loads;
    private long failures;
    private long remoteLoads;

    Oracle(Simulation world) {
        this.world = world;
        int regions = world.regions.size();
        int hosts = world.hosts.size();
        this.newest = new long[regions][];
        this.writers = new int[regions][][];
        this.users = new int[regions][][];
        for (int r = 0; r < regions; r++) {
            int pages = world.regions.get(r).pages();
            newest[r] = new long[pages];
            writers[r] = new int[pages][hosts];
            users[r] = new int[pages][hosts];
        }
        this.losses = new Losses(world, this);
    }

    Losses losses() {
        return losses;
    }

    long stores() {
        return stores;
    }

    long remoteStores() {
        return remoteStores;
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

    /** At every instant one host may write a page, with as many processes as it likes, or many hosts may read it. */
    void rightChanged(Mapping mapping, int page, Right before, Right now) {
        SharedRegion region = mapping.shared;
        int host = mapping.app.host.number;
        writers[region.number][page][host] += (now == Right.WRITE ? 1 : 0) - (before == Right.WRITE ? 1 : 0);
        users[region.number][page][host] += (now != Right.NONE ? 1 : 0) - (before != Right.NONE ? 1 : 0);
        if (now.compareTo(before) <= 0) {
            return;
        }
        if (mapping.isHome()) {
            losses.homeUses(region, page);
        }
        if (now == Right.WRITE && !region.mayWrite(mapping.app.host)) {
            throw violation(mapping, page, "got write access on a host that does not own the region");
        }
        if (now == Right.WRITE && (mapping.node.memory.isSpilling(page) || mapping.node.memory.isKept(page))) {
            throw violation(mapping, page, "got write access while its bytes are on their way to the disk or home");
        }
        if (!isCoherent(region, page)) {
            excuse(region);
        }
        if (!isCoherent(region, page)) {
            throw violation(mapping, page, "got " + now + ", and now " + describe(region, page));
        }
        world.books.checkRight(mapping, page);
    }

    private boolean isCoherent(SharedRegion region, int page) {
        int[] may = users[region.number][page];
        int[] mayWrite = writers[region.number][page];
        int hosts = 0;
        int writing = 0;
        for (int h = 0; h < may.length; h++) {
            hosts += may[h] > 0 ? 1 : 0;
            writing += mayWrite[h] > 0 ? 1 : 0;
        }
        return writing == 0 || hosts == 1;
    }

    private String describe(SharedRegion region, int page) {
        StringBuilder text = new StringBuilder();
        for (int h = 0; h < users[region.number][page].length; h++) {
            if (users[region.number][page][h] > 0) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(users[region.number][page][h])
                        .append(" may use it on host ")
                        .append(h)
                        .append(" and ")
                        .append(writers[region.number][page][h])
                        .append(" of these write");
            }
        }
        return text.toString();
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

    long newest(SharedRegion region, int page) {
        return newest[region.number][page];
    }

    /** A loss that was announced. */
    void goesBack(SharedRegion region, int page, long value) {
        newest[region.number][page] = value;
    }

    void wrote(Mapping mapping, int page) {
        SharedRegion region = mapping.shared;
        if (mapping.isHome() && !world.directory.alive(region.ownerSession)) {
            throw violation(mapping, page, "was written although its owner's directory session has expired");
        }
        expectNewest(mapping, page, "was written on top of ");
        stores++;
        remoteStores += mapping.isHome() ? 0 : 1;
        newest[region.number][page] = stores;
        losses.wrote(mapping.node, page);
        mapping.node.memory.frames[page] = stores;
        world.trace(
                "host %d, app %d: page %d of region %d = %d",
                mapping.app.host.number, mapping.app.number, page, region.number, stores);
    }

    void read(Mapping mapping, int page) {
        loads++;
        remoteLoads += mapping.isHome() ? 0 : 1;
        world.trace(
                "host %d, app %d: page %d of region %d is %d",
                mapping.app.host.number,
                mapping.app.number,
                page,
                mapping.shared.number,
                mapping.node.memory.frames[page]);
        expectNewest(mapping, page, "was read as ");
    }

    private void expectNewest(Mapping mapping, int page, String what) {
        long seen = mapping.node.memory.frames[page];
        long expected = newest[mapping.shared.number][page];
        if (seen != expected) {
            throw violation(mapping, page, what + seen + ", but " + expected + " was stored before");
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

    /** Home stores what a host without copies has changed: nobody else may have the page. */
    void published(HomeNode node, int page) {
        SharedRegion region = node.shared;
        if (isUsed(region, page)) {
            excuse(region);
        }
        if (isUsed(region, page)) {
            throw violation(region, page, "is published while " + describe(region, page));
        }
        losses.homeUses(region, page);
        if (node.memory.frames[page] != newest[region.number][page]) {
            throw violation(
                    region,
                    page,
                    "is published on top of " + node.memory.frames[page] + ", but " + newest[region.number][page]
                            + " was stored before");
        }
        stores++;
        newest[region.number][page] = stores;
        losses.wrote(node, page);
        node.memory.frames[page] = stores;
        world.trace("host %d: page %d of region %d = %d, published", node.host.number, page, region.number, stores);
    }

    private boolean isUsed(SharedRegion region, int page) {
        for (int count : users[region.number][page]) {
            if (count > 0) {
                return true;
            }
        }
        return false;
    }

    /** The bytes of these pages are being read at home, or given away: nobody may be able to change them. */
    void pagesLeaveHome(HomeNode node, int first, int count, boolean exclusive) {
        SharedRegion region = node.shared;
        for (int page = first; page < first + count; page++) {
            losses.homeUses(region, page);
            if (!leavesRightly(region, page, exclusive)) {
                excuse(region);
            }
            if (!leavesRightly(region, page, exclusive)) {
                throw violation(region, page, "is sent while " + describe(region, page));
            }
            if (node.memory.frames[page] != newest[region.number][page]) {
                throw violation(
                        region,
                        page,
                        "is sent as " + node.memory.frames[page] + ", but " + newest[region.number][page]
                                + " was stored before");
            }
        }
    }

    private boolean leavesRightly(SharedRegion region, int page, boolean exclusive) {
        boolean written = false;
        for (int count : writers[region.number][page]) {
            written |= count > 0;
        }
        return !written && !(exclusive && users[region.number][page][region.homeHost] > 0);
    }

    /** The bytes of a page are being read at a client: none of its processes may be able to change them. */
    void bytesLeave(ClientNode node, int page) {
        expectNobody(node, page, Right.WRITE, "is sent home");
    }

    /** Home stores what a host sent: that host was the only one to write, so these are the newest bytes there are. */
    void comesHome(HomeNode node, int page, long value) {
        if (value != newest[node.shared.number][page]) {
            throw violation(
                    node.shared,
                    page,
                    "comes home as " + value + ", but " + newest[node.shared.number][page] + " was stored before");
        }
    }

    /** Other bytes are written into a frame than it holds: no process of the host may look at them. */
    void frameOverwritten(Node node, int page, long value) {
        if (node.memory.frames[page] != value) {
            expectNobody(node, page, Right.READ, "is overwritten");
        }
    }

    /** A slow thread begins to read the frame. */
    void frameSpills(Node node, int page) {
        expectNobody(node, page, Right.WRITE, "is written to the disk");
    }

    /** The frame is given back: no process of the host may look at it, and somebody must have the bytes. */
    void frameGivenBack(Node node, int page) {
        expectNobody(node, page, Right.READ, "is given back");
        SharedRegion region = node.shared;
        long value = node.memory.frames[page];
        boolean counts = !node.isHome() && value != Memory.NOTHING && value == newest[region.number][page];
        if (counts && !region.lost && world.hosts.get(region.homeHost).daemon().alive()) {
            long atHome = losses.homeValue(region, page);
            if (atHome != Memory.NOTHING && atHome != value && !losses.isDoubtful(region, page)) {
                throw violation(
                        region,
                        page,
                        "= " + value + " is given back on host " + node.host.number + ", but home has " + atHome);
            }
        }
    }

    private void expectNobody(Node node, int page, Right right, String what) {
        for (App app : node.host.apps) {
            for (Mapping mapping : app.mappings()) {
                if (mapping.node == node && mapping.right(page).compareTo(right) >= 0) {
                    throw violation(mapping, page, what + " while a process has " + mapping.right(page));
                }
            }
        }
    }

    private Violation violation(SharedRegion region, int page, String what) {
        return new Violation(world.where() + "page " + page + " of region " + region.number + " " + what);
    }

    private Violation violation(Mapping mapping, int page, String what) {
        return new Violation(world.where() + "page " + page + " of region " + mapping.shared.number + " " + what
                + " (app " + mapping.app.number + " on host " + mapping.app.host.number + ")");
    }
}
