package io.pagewire.testkit;

import io.pagewire.core.FramePort;
import io.pagewire.core.LocalPort;
import io.pagewire.core.Right;

/**
 * A daemon's part of one region: an adapter around the core, as far as its own processes are concerned.
 *
 * <p>Not thread-safe.
 */
abstract class Node implements LocalPort, FramePort {
    final Daemon daemon;
    final Host host;
    final Simulation world;
    final SharedRegion shared;
    final Memory memory;

    /** {@code limited}: whether the frames count against the daemon's budget, if it has one. */
    Node(Daemon daemon, SharedRegion shared, long[] frames, boolean limited) {
        this.daemon = daemon;
        this.host = daemon.host;
        this.world = daemon.world;
        this.shared = shared;
        this.memory = new Memory(this, frames, limited ? daemon.budget() : null, limited && isHome());
    }

    final boolean isHome() {
        return shared.homeHost == host.number;
    }

    final String where() {
        return world.where() + "host " + host.number + ", region " + shared.number + ": ";
    }

    abstract Right open(Mapping mapping, Right highest);

    abstract void mappingGone(Mapping mapping);

    abstract void fault(Mapping mapping, int line, int request, int page, Right wanted);

    abstract void lineLost(Mapping mapping, int line);

    abstract void revoked(Mapping mapping, long sequence);

    /** What stands in the lease page, by this host's clock. */
    abstract long leaseEnd();

    abstract long entry(int page);

    abstract void spilled(int page, int cause);

    abstract void loaded(int page, int cause);

    abstract void framesFree();

    abstract void shrink(int frames);

    /** A message that the core calls invalid although everybody is honest. */
    final void expectValid(String wrong) {
        if (wrong != null) {
            throw new Violation(where() + "the core refuses a message of an honest peer: " + wrong);
        }
    }

    @Override
    public final void discard(long first, int count) {
        memory.discard((int) first, count);
    }

    @Override
    public final int spill(long page) {
        return memory.spill((int) page);
    }

    @Override
    public final int load(long page, int sector) {
        return memory.load((int) page, sector);
    }

    @Override
    public final void forget(int sector) {
        memory.forget(sector);
    }

    @Override
    public final void grant(int id, int line, int request, long first, int count, Right right, long sequence) {
        Mapping mapping = daemon.mapping(id);
        if (mapping == null) {
            throw new Violation(world.where() + "a grant to mapping " + id + ", which is gone");
        }
        if (world.bug(Bug.LOSE_WAITER) && world.random.nextInt(200) == 0) {
            return;
        }
        world.trace(
                "host %d, region %d: grant to %d.%d request %d, %d+%d %s, sequence %d",
                host.number, shared.number, id, line, request, first, count, right, sequence);
        mapping.toLine(line, () -> mapping.granted(line, request, (int) first, count, right, sequence));
    }

    @Override
    public final void fail(int id, int line, int request, long page, int cause) {
        Mapping mapping = daemon.mapping(id);
        if (mapping == null) {
            throw new Violation(world.where() + "a failure for mapping " + id + ", which is gone");
        }
        world.trace(
                "host %d, region %d: fail to %d.%d request %d, page %d, cause %d",
                host.number, shared.number, id, line, request, page, cause);
        mapping.toLine(line, () -> mapping.failed(line, request, (int) page, cause));
    }

    @Override
    public final void revoke(int id, long first, int count, Right left, long sequence) {
        Mapping mapping = daemon.mapping(id);
        if (mapping == null) {
            throw new Violation(world.where() + "a revoke of mapping " + id + ", which is gone");
        }
        world.trace(
                "host %d, region %d: revoke from %d, %d+%d to %s, sequence %d",
                host.number, shared.number, id, first, count, left, sequence);
        mapping.toAgent(() -> mapping.revoke((int) first, count, left, sequence));
    }

    @Override
    public void revokeAtLeisure(int id, long first, int count, Right left, long sequence) {
        Mapping mapping = daemon.mapping(id);
        if (mapping == null) {
            throw new Violation(world.where() + "a revoke of mapping " + id + ", which is gone");
        }
        world.trace(
                "host %d, region %d: revoke at leisure from %d, %d+%d to %s, sequence %d",
                host.number, shared.number, id, first, count, left, sequence);
        mapping.toAgent(() -> mapping.revokeAtLeisure((int) first, count, left, sequence));
        if (world.bug(Bug.ANSWER_CLEANING_EARLY)) {
            daemon.after(0, () -> {
                if (daemon.mapping(id) == mapping) {
                    revoked(mapping, sequence);
                }
            });
        }
    }

    @Override
    public final void fence(int id) {
        daemon.fence(id);
    }
}
