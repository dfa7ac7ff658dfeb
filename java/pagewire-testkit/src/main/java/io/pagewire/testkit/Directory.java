package io.pagewire.testkit;

import java.util.HashMap;
import java.util.Map;

/**
 * The name server: sessions that live as long as their daemons are heard of, and the claims of owners. A claim counts as long as
 * its session lives.
 *
 * <p>Not thread-safe.
 */
final class Directory {
    private final Simulation world;
    private final Map<Integer, Long> lastHeard = new HashMap<>();
    private final int[] cuts;

    Directory(Simulation world, int hosts) {
        this.world = world;
        this.cuts = new int[hosts];
    }

    boolean reachable(int host) {
        return cuts[host] == 0;
    }

    void cut(int host) {
        cuts[host]++;
        world.trace("host %d cannot reach the directory", host);
    }

    void heal(int host) {
        cuts[host]--;
        world.trace("host %d can reach the directory", host);
    }

    /** False when the session has expired; it is gone for good then. */
    boolean heard(int session) {
        if (lastHeard.containsKey(session) && !alive(session)) {
            return false;
        }
        lastHeard.put(session, world.scheduler.now());
        return true;
    }

    boolean alive(int session) {
        Long heard = lastHeard.get(session);
        return heard != null && world.scheduler.now() - heard < Times.DIRECTORY_SESSION;
    }

    void claim(SharedRegion region, int session) {
        region.epoch++;
        region.ownerSession = session;
        world.trace("region %d is claimed by session %d, epoch %d", region.number, session, region.epoch);
    }

    boolean hasOwner(SharedRegion region) {
        return alive(region.ownerSession);
    }
}
