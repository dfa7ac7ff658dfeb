package io.pagewire.testkit;

import io.pagewire.core.Cause;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One run of a {@code dsmd}: its session in the directory, the regions it owns, the regions it has copies of, its mappings.
 *
 * <p>Not thread-safe.
 */
final class Daemon extends Actor {
    final Host host;
    final int session;
    final SplittableRandom random;
    private final Map<Integer, HomeNode> homes = new LinkedHashMap<>();
    private final Map<Integer, ClientNode> clients = new LinkedHashMap<>();
    private final Map<Integer, Mapping> mappings = new LinkedHashMap<>();
    private final SpillFile spill;
    private final Budget budget;
    private int directorySession;
    private int nextMapping;
    private int incarnations;
    private long heardAt;
    private boolean suspended;
    private long heldUpUntil;
    private long diedAt;

    Daemon(Host host, int session) {
        super(host.world);
        this.host = host;
        this.session = session;
        this.directorySession = session;
        this.random = world.random.split();
        this.spill = new SpillFile(world);
        this.budget = host.frames == 0 ? null : new Budget(this, host.frames);
    }

    void start() {
        world.trace("host %d: daemon session %d starts", host.number, session);
        beat();
        after(random.nextLong(Times.TICK), this::tick);
    }

    /** The node that serves a region this daemon owns, or null. */
    HomeNode home(SharedRegion region) {
        return homes.get(region.number);
    }

    Node node(SharedRegion region) {
        if (region.homeHost == host.number) {
            return homes.get(region.number);
        }
        return clients.computeIfAbsent(region.number, number -> new ClientNode(this, region));
    }

    /** Circuits of one session count up, so that a call that was overtaken by a newer one is known. */
    int nextIncarnation() {
        return ++incarnations;
    }

    Iterable<HomeNode> homes() {
        return homes.values();
    }

    Iterable<ClientNode> clients() {
        return clients.values();
    }

    SpillFile spill() {
        return spill;
    }

    /** Null when the daemon may use as many frames as it likes. */
    Budget budget() {
        return budget;
    }

    /** Memory is short somewhere: at any moment, any region of the daemon may have to give some up. */
    void press(SplittableRandom luck) {
        if (!alive() || frozen() || budget == null) {
            return;
        }
        List<Node> nodes = new ArrayList<>(homes.values());
        nodes.addAll(clients.values());
        Node node = nodes.isEmpty() ? null : nodes.get(luck.nextInt(nodes.size()));
        if (node != null && node.memory.limited()) {
            node.shrink(1 + luck.nextInt(4));
        }
    }

    Mapping mapping(int id) {
        return mappings.get(id);
    }

    /** Adopts a mapping; null while the region cannot be mapped. */
    Mapping map(App app, SharedRegion region) {
        Node node = node(region);
        if (node == null) {
            return null;
        }
        Mapping mapping = new Mapping(app, region, this, node, ++nextMapping);
        mappings.put(mapping.id, mapping);
        return mapping;
    }

    /** The end of a mapping: its process is dead, or has unmapped in good order. */
    void mappingGone(Mapping mapping) {
        if (mappings.remove(mapping.id) != null) {
            mapping.node.mappingGone(mapping);
        }
    }

    private void tick() {
        long now = host.clock();
        if (!suspended
                && !homes.isEmpty()
                && now - heardAt > Times.DIRECTORY_SILENCE
                && !world.bug(Bug.IGNORE_DIRECTORY_LOSS)) {
            suspend();
        }
        for (HomeNode node : homes.values()) {
            node.tick(now);
        }
        for (ClientNode node : clients.values()) {
            node.tick(now);
        }
        world.books.checkEntries(this);
        after(Times.TICK + random.nextLong(Times.TICK / 4), this::tick);
    }

    private void suspend() {
        suspended = true;
        world.trace("host %d: no word from the directory, suspended", host.number);
        for (HomeNode node : homes.values()) {
            node.region().suspend(Cause.FENCED, host.clock());
        }
    }

    /** Speaks to the directory. */
    private void beat() {
        long sent = host.clock();
        if (world.directory.reachable(host.number)) {
            if (!world.directory.heard(directorySession)) {
                world.trace("host %d: directory session %d has expired", host.number, directorySession);
                directorySession = world.nextSession();
                world.directory.heard(directorySession);
                if (!suspended) {
                    suspend();
                }
            }
            heardAt = sent;
            claimAndResume();
        }
        after(Times.DIRECTORY_BEAT, this::beat);
    }

    private void claimAndResume() {
        for (SharedRegion region : world.regions) {
            if (region.homeHost != host.number) {
                continue;
            }
            HomeNode node = homes.get(region.number);
            boolean restarted = node == null && region.epoch > 0;
            if (node == null) {
                region.lost |= restarted && !region.inFile;
                node = new HomeNode(this, region);
                homes.put(region.number, node);
                if (restarted && region.inFile) {
                    node.calls().restore();
                }
                if (restarted) {
                    world.oracle.losses().homeRestarted(node);
                }
            }
            boolean claims = region.ownerSession != directorySession;
            if (claims) {
                world.directory.claim(region, directorySession);
                node.calls().newEpoch(region.epoch);
            }
            long now = host.clock();
            if (region.lost) {
                if (restarted) {
                    node.region().fail(Cause.DATA_LOST, now);
                }
            } else if (restarted || claims && region.epoch > 1) {
                boolean atOnce = restarted && world.bug(Bug.NO_WAIT_AFTER_RESTART);
                node.region().resume(now, atOnce ? now : now + Times.HOME_DEADLINE);
            } else if (suspended) {
                node.region().resume(now, now);
            }
        }
        suspended = false;
    }

    /** When the rights of local processes to regions owned here end, by this host's clock. */
    long directoryLeaseEnd() {
        return world.bug(Bug.IGNORE_DIRECTORY_LOSS) ? Long.MAX_VALUE : heardAt + Times.DIRECTORY_LEASE;
    }

    /** SIGKILL of a process that did not answer; its end is seen through its pidfd. */
    void fence(int id) {
        Mapping mapping = mappings.get(id);
        if (mapping == null) {
            return;
        }
        world.trace("host %d: mapping %d of app %d is fenced", host.number, id, mapping.app.number);
        if (world.bug(Bug.FENCE_WITHOUT_KILL)) {
            after(random.nextLong(Times.MS), () -> mappingGone(mapping));
        } else {
            world.scheduler.after(random.nextLong(20 * Times.MS), mapping.app::kill);
        }
    }

    long diedAt() {
        return diedAt;
    }

    /** Whether it is stopped, or was until just now. */
    boolean wasHeldUp() {
        return frozen() || heldUpUntil > 0 && world.scheduler.now() - heldUpUntil < Times.HOME_DEADLINE;
    }

    @Override
    void thaw() {
        heldUpUntil = world.scheduler.now();
        super.thaw();
    }

    /** kill -9, or the silence of the whole machine. */
    void crash(boolean silently) {
        if (!alive()) {
            return;
        }
        world.trace("host %d: daemon session %d dies%s", host.number, session, silently ? " silently" : "");
        die();
        diedAt = world.scheduler.now();
        for (HomeNode node : homes.values()) {
            node.calls().crashed(silently);
        }
        for (ClientNode node : clients.values()) {
            node.calls().crashed(silently);
        }
        for (Mapping mapping : mappings.values()) {
            mapping.daemonDied();
        }
    }
}
