package io.pagewire.testkit;

import io.pagewire.core.Right;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * One region in one process: what the kernel lets its threads do with each page, and the agent that takes it away. Handler and
 * agent compare the sequence numbers of grants and revokes page by page, and both look at the end of the lease.
 *
 * <p>Not thread-safe.
 */
final class Mapping {
    private static final long POLL = 20 * Times.MS;
    private static final long PIN = 300 * Times.MS;

    final App app;
    final SharedRegion shared;
    final Daemon daemon;
    final Node node;
    final int id;
    private final Simulation world;
    private final Right[] rights;
    private final long[] lastRevoke;
    private final Channel toAgent;
    private final Channel fromAgent;
    private final Map<Integer, Channel> toLines = new HashMap<>();
    private final Map<Integer, Channel> fromLines = new HashMap<>();
    private boolean stands;
    private boolean detached;

    Mapping(App app, SharedRegion shared, Daemon daemon, Node node, int id) {
        this.app = app;
        this.shared = shared;
        this.daemon = daemon;
        this.node = node;
        this.id = id;
        this.world = app.world;
        this.rights = new Right[shared.pages()];
        this.lastRevoke = new long[shared.pages()];
        this.toAgent = new Channel(world);
        this.fromAgent = new Channel(world);
        Arrays.fill(rights, Right.NONE);
    }

    boolean usable() {
        return stands && !detached;
    }

    boolean isHome() {
        return shared.homeHost == app.host.number;
    }

    Right right(int page) {
        return rights[page];
    }

    /** The daemon's answer to MAP: what it says is in force as soon as the mapping stands. */
    void answer(Right initial) {
        toAgent.send(app, app.localDelay(), () -> {
            if (!detached) {
                stands = true;
                if (leaseRuns()) {
                    for (int page = 0; page < rights.length; page++) {
                        set(page, initial);
                    }
                }
                watchLease();
            }
        });
    }

    void toAgent(Runnable message) {
        toAgent.send(app, app.localDelay(), message);
    }

    void toLine(int line, Runnable message) {
        toLines.computeIfAbsent(line, number -> new Channel(world)).send(app, app.localDelay(), message);
    }

    void fault(int line, int request, int page, Right wanted) {
        fromLines.computeIfAbsent(line, number -> new Channel(world)).send(daemon, app.localDelay(), () -> {
            if (daemon.mapping(id) == this) {
                node.fault(this, line, request, page, wanted);
            }
        });
    }

    void lineLost(int line) {
        fromLines.computeIfAbsent(line, number -> new Channel(world)).send(daemon, app.localDelay(), () -> {
            if (daemon.mapping(id) == this) {
                node.lineLost(this, line);
            }
        });
    }

    /** The handler's side of a grant. */
    void granted(int line, int request, int first, int count, Right right, long sequence) {
        Worker worker = detached ? null : app.workerOn(line);
        if (worker == null) {
            return;
        }
        boolean runs = leaseRuns();
        for (int page = first; page < first + count; page++) {
            boolean younger = sequence > lastRevoke[page] || world.bug(Bug.APPLY_STALE_GRANT);
            if (younger && runs) {
                set(page, right);
            }
        }
        worker.granted(this, request);
    }

    void failed(int line, int request, int page, int cause) {
        Worker worker = detached ? null : app.workerOn(line);
        if (worker != null) {
            worker.failed(this, request, page, cause);
        }
    }

    /** The agent's side of a revoke; no count means the whole region. */
    void revoke(int first, int count, Right left, long sequence) {
        if (detached) {
            return;
        }
        boolean skip = world.bug(Bug.SKIP_REVOKE) && world.random.nextInt(20) == 0;
        int end = count == 0 ? rights.length : first + count;
        for (int page = count == 0 ? 0 : first; page < end; page++) {
            lastRevoke[page] = Math.max(lastRevoke[page], sequence);
            if (!skip && rights[page].compareTo(left) > 0) {
                set(page, left);
            }
        }
        fromAgent.send(daemon, app.localDelay(), () -> {
            if (daemon.mapping(id) == this) {
                node.revoked(this, sequence);
            }
        });
    }

    /** The same, but something of the program's (a pin) may be in the way; other revokes do not wait for that. Nothing is in the calm. */
    void revokeAtLeisure(int first, int count, Right left, long sequence) {
        if (world.isCalm() || world.leisure.nextInt(4) > 0) {
            revoke(first, count, left, sequence);
        } else {
            app.after(world.leisure.nextLong(PIN), () -> revoke(first, count, left, sequence));
        }
    }

    /** The daemon's sockets are closed: the agent takes everything away as soon as it runs. */
    void daemonDied() {
        world.scheduler.after(app.localDelay(), () -> app.run(this::detach));
    }

    private void detach() {
        close();
        app.mappingLost(this);
    }

    /** Nothing may be touched through this mapping any more. */
    void close() {
        detached = true;
        takeAll();
    }

    /** The kernel takes everything with the process, or unmap does. */
    void takeAll() {
        for (int page = 0; page < rights.length; page++) {
            set(page, Right.NONE);
        }
    }

    /** What the agent does first when it runs again after a stop. */
    void enforce() {
        if (!daemon.alive() && !detached) {
            detach();
        } else if (!leaseRuns()) {
            takeAll();
        }
    }

    /** Its process is stopped, its lease over or its daemon dead, and no daemon was there to fence it. */
    boolean isBeyondReach() {
        return app.frozen() && (!daemon.alive() || !leaseRuns() && daemon.wasHeldUp());
    }

    private boolean leaseRuns() {
        return world.bug(Bug.IGNORE_LEASE_END) || app.host.clock() - node.leaseEnd() < 0;
    }

    /** The agent's own timer. */
    private void watchLease() {
        if (detached) {
            return;
        }
        if (!leaseRuns()) {
            takeAll();
        }
        long left = leaseRuns() ? Math.min(app.host.until(node.leaseEnd()), 1000 * Times.MS) : POLL;
        app.after(left + world.random.nextLong(Times.MS), this::watchLease);
    }

    private void set(int page, Right right) {
        Right before = rights[page];
        if (before != right) {
            rights[page] = right;
            world.oracle.rightChanged(this, page, before, right);
        }
    }
}
