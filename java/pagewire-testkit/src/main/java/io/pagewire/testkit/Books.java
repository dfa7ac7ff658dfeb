package io.pagewire.testkit;

import io.pagewire.core.HostState;
import io.pagewire.core.PageTable;
import io.pagewire.core.Right;
import io.pagewire.core.WritebackSettings;

/**
 * Compares what the core believes with what is: entries, copysets, holders, frames and sectors.
 *
 * <p>Not thread-safe.
 */
final class Books {
    private final Simulation world;

    Books(Simulation world) {
        this.world = world;
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
            checkFrames(node, false);
        }
        for (ClientNode node : daemon.clients()) {
            for (int page = 0; page < node.shared.pages(); page++) {
                String wrong = clientNonsense(node, page);
                if (wrong != null) {
                    throw nonsense(node, page, wrong);
                }
            }
            checkFrames(node, false);
        }
        for (App app : daemon.host.apps) {
            for (Mapping mapping : app.mappings()) {
                for (int page = 0; page < mapping.shared.pages(); page++) {
                    checkRight(mapping, page);
                }
            }
        }
    }

    void checkRight(Mapping mapping, int page) {
        if (mapping.daemon.alive() && mapping.daemon.mapping(mapping.id) == mapping) {
            Right most = PageTable.right(mapping.node.entry(page));
            if (mapping.right(page).compareTo(most) > 0) {
                throw nonsense(
                        mapping.node,
                        page,
                        "app " + mapping.app.number + " has " + mapping.right(page) + ", but its daemon's entry says "
                                + mapping.node.entry(page) + " (" + most + ")");
            }
        }
    }

    private static String homeNonsense(HomeNode node, int page) {
        long entry = node.entry(page);
        String wrong = placeNonsense(node, entry, page);
        if (wrong != null) {
            return wrong;
        }
        if (PageTable.isRemote(entry)) {
            return !node.shared.anyWriter
                    ? "a page is not at home, although only home may write it"
                    : node.isJoined(PageTable.value(entry))
                            ? null
                            : "the page is held on circuit " + PageTable.value(entry) + ", which is gone";
        }
        HostState state = PageTable.hostState(entry);
        boolean writable = PageTable.right(entry) == Right.WRITE;
        if (PageTable.isReady(entry) && (state == HostState.ABSENT || (state == HostState.EXCLUSIVE) != writable)) {
            return "the state does not fit the right";
        }
        int copies = node.region().copyset(page);
        if (writable && copies != 0) {
            return "local processes may write, but the copyset is " + Integer.toBinaryString(copies);
        }
        if ((copies & ~node.joinedBits()) != 0) {
            return "the copyset " + Integer.toBinaryString(copies) + " names hosts that are gone";
        }
        boolean bytes = node.shared.lost || node.memory.value(page) != Memory.NOTHING;
        return bytes ? null : "the bytes are neither in the frame nor in a sector";
    }

    private static String clientNonsense(ClientNode node, int page) {
        long entry = node.entry(page);
        String wrong = placeNonsense(node, entry, page);
        if (wrong != null) {
            return wrong;
        }
        boolean ready = PageTable.isReady(entry);
        HostState state = PageTable.hostState(entry);
        if (state == HostState.EXCLUSIVE && !(ready && node.shared.anyWriter)) {
            return "a page that is not here for writing is exclusive";
        }
        if (ready && state == HostState.ABSENT || PageTable.isRemote(entry) && state != HostState.ABSENT) {
            return "the state does not fit the place";
        }
        return null;
    }

    private static String placeNonsense(Node node, long entry, int page) {
        int places = (PageTable.isPresent(entry) ? 1 : 0)
                + (PageTable.isRemote(entry) ? 1 : 0)
                + (PageTable.isOnDisk(entry) ? 1 : 0);
        if (places != 1) {
            return "a page is in " + places + " places";
        }
        if (PageTable.isPresent(entry) && PageTable.value(entry) != page) {
            return "the frame is not the page's own";
        }
        boolean ready = PageTable.isReady(entry);
        boolean onlyHomeReads = node.isHome() && PageTable.isPresent(entry);
        if (PageTable.right(entry) != Right.NONE && !ready && !onlyHomeReads) {
            return "a right on a page that is not here";
        }
        if (ready && node.memory.frames[page] == Memory.NOTHING && !node.shared.lost) {
            return "the page is present, but its frame holds nothing";
        }
        if (!PageTable.isOnDisk(entry)) {
            return null;
        }
        int sector = (int) PageTable.value(entry);
        if (!node.memory.limited()) {
            return "a page is on disk although there is no bound";
        }
        if (sector == 0) {
            boolean written = node.memory.value(page) != 0 && !node.shared.lost;
            return node.isHome() && !written ? null : "a page that was written is on disk without a sector";
        }
        return node.memory.spill().holds(node.memory, sector, page)
                ? null
                : "the page is said to be in sector " + sector + ", which does not hold it";
    }

    /** The frames a region has taken cover those it uses; at rest they are the same. */
    private void checkFrames(Node node, boolean atRest) {
        if (!node.memory.limited() || node.shared.lost) {
            return;
        }
        int used = 0;
        int elsewhere = 0;
        for (int page = 0; page < node.shared.pages(); page++) {
            long entry = node.entry(page);
            boolean kept = !node.isHome() && node.memory.isKept(page);
            used += PageTable.isPresent(entry) || kept ? 1 : 0;
            // The frame of a page that another host holds may have been kept for the day that host is lost.
            elsewhere += node.isHome() && PageTable.isRemote(entry) ? 1 : 0;
        }
        int taken = node.memory.budget.own();
        if (taken < used || atRest && taken > used + elsewhere) {
            throw new Violation(node.where() + taken + " frames are taken, but " + used + " are used"
                    + (elsewhere == 0 ? "" : ", and " + elsewhere + " keep bytes of pages that are held elsewhere"));
        }
    }

    /** Whoever has a copy on a living circuit stands in the copyset, and whoever may write is the holder. */
    void checkCopysets() {
        for (Host host : world.hosts) {
            Daemon daemon = host.daemon();
            if (daemon == null || !daemon.alive()) {
                continue;
            }
            for (ClientNode node : daemon.clients()) {
                Daemon owner = world.hosts.get(node.shared.homeHost).daemon();
                HomeNode home = owner == null || !owner.alive() ? null : owner.home(node.shared);
                Circuit circuit = node.calls().connected() ? node.calls().circuit() : null;
                int slot = home == null || circuit == null ? -1 : home.slotOn(circuit);
                for (int page = 0; slot >= 0 && page < node.shared.pages(); page++) {
                    checkKnown(node, home, slot, circuit, page);
                }
            }
        }
    }

    private void checkKnown(ClientNode node, HomeNode home, int slot, Circuit circuit, int page) {
        long entry = node.entry(page);
        long atHome = home.entry(page);
        boolean holder = PageTable.isRemote(atHome) && PageTable.value(atHome) == circuit.number;
        boolean named = (home.region().copyset(page) >>> Math.min(slot, 31) & 1) != 0;
        boolean here = PageTable.isReady(entry) || PageTable.isOnDisk(entry);
        if (here && PageTable.hostState(entry) == HostState.EXCLUSIVE && !holder) {
            throw nonsense(node, page, "the page is exclusive here, but home does not know of it");
        }
        if (here && !named && !holder) {
            throw nonsense(node, page, "a copy is here, but home does not know of it");
        }
    }

    /** Nothing moves any more: nothing may be left over. */
    void checkRest() {
        checkCopysets();
        world.oracle.losses().checkAllTold();
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
                expectNone(node, "publishes are unanswered", node.openPublishes());
                checkMemory(node);
            }
            for (ClientNode node : host.daemon().clients()) {
                expectNone(node, "requests wait", node.region().waiting());
                expectNone(node, "fetches are open", node.region().openRequests());
                expectNone(node, "purges wait", node.region().waitingPurges());
                expectNone(node, "revokes are unanswered", node.region().unansweredRevokes());
                expectNone(node, "forces are unanswered", node.openForces());
                if (world.writeback != WritebackSettings.OFF) {
                    expectNone(node, "pages are not home", node.region().pagesNotHome());
                }
                expectNone(node, "orderly ends are under way", node.isLeaving() ? 1 : 0);
                checkMemory(node);
            }
        }
    }

    private void checkMemory(Node node) {
        expectNone(node, "frames are under way to disk, from it, or home", node.memory.underWay());
        checkFrames(node, true);
        for (int page = 0; page < node.shared.pages(); page++) {
            long entry = node.entry(page);
            int sectors = node.memory.spill().sectors(node.memory, page).size();
            boolean needed = PageTable.isPresent(entry) || PageTable.isOnDisk(entry) && PageTable.value(entry) != 0;
            boolean keptForLoss = node.isHome() && PageTable.isRemote(entry);
            if (sectors > (needed || keptForLoss ? 1 : 0)) {
                throw nonsense(node, page, sectors + " sectors are in use for the page");
            }
        }
    }

    private void expectNone(Node node, String what, int count) {
        if (count != 0) {
            throw new Violation(node.where() + count + " " + what + " although everything is at rest");
        }
    }

    private Violation nonsense(Node node, int page, String what) {
        return new Violation(node.where() + "page " + page + ": " + what);
    }
}
