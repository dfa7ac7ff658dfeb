package io.pagewire.daemon;

import io.pagewire.daemon.circuit.CircuitServer;
import io.pagewire.daemon.circuit.EventLoops;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.region.CallingRuntime;
import io.pagewire.daemon.region.ClientRuntime;
import io.pagewire.daemon.region.HomeRuntime;
import io.pagewire.daemon.region.PreloadedRuntime;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.region.RegionRuntime;
import io.pagewire.wire.FaultCause;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The regions this daemon has something to do with: homes of its own and clients of others, by region id, and the regions
 * whose contents it lost.
 *
 * <p>Safe for use by any thread.
 */
final class RegionTable implements CircuitServer.Exchange {
    private final RegionContext context;
    private final EventLoops loops;
    private final ConcurrentHashMap<Integer, HomeRuntime> homes = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, ClientRuntime> clients = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, PreloadedRuntime> preloaded = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, LostRegion> lost = new ConcurrentHashMap<>();

    /** A region of this host whose bytes are gone. {@code reason}: one clause for users. */
    record LostRegion(RegionRecord record, FaultCause cause, String reason) {}

    RegionTable(RegionContext context, EventLoops loops) {
        this.context = context;
        this.loops = loops;
    }

    void add(HomeRuntime home) {
        homes.put(home.record().id(), home);
        home.loop().execute(home::start);
    }

    void addLost(LostRegion region) {
        lost.put(region.record().id(), region);
    }

    /** Forgets a home or a lost region after it was deleted. */
    void remove(int regionId) {
        homes.remove(regionId);
        lost.remove(regionId);
    }

    @Override
    public HomeRuntime home(int regionId) {
        return homes.get(regionId);
    }

    /** The home of a region by its name; null when it is not served here. */
    HomeRuntime home(String name) {
        for (HomeRuntime home : homes.values()) {
            if (home.record().name().equals(name)) {
                return home;
            }
        }
        return null;
    }

    LostRegion lost(int regionId) {
        return lost.get(regionId);
    }

    /** The client of a region of another host, made when there is none. Throws when this host has no memory for it. */
    ClientRuntime client(RegionRecord record) throws IOException {
        synchronized (clients) {
            ClientRuntime client = clients.get(record.id());
            if (client == null) {
                client = new ClientRuntime(context, record, loops.forRegion(record.id()), this::closed);
                clients.put(record.id(), client);
                client.loop().execute(client::start);
            }
            return client;
        }
    }

    /** The preloaded frames of a region, made when there are none. Throws when this host has no descriptors for them. */
    PreloadedRuntime preload(RegionRecord record) throws IOException {
        synchronized (preloaded) {
            PreloadedRuntime present = preloaded.get(record.id());
            if (present == null) {
                present = new PreloadedRuntime(context, record, loops.forRegion(record.id()), this::closed);
                preloaded.put(record.id(), present);
                present.loop().execute(present::start);
            }
            return present;
        }
    }

    private void closed(PreloadedRuntime region) {
        synchronized (preloaded) {
            preloaded.remove(region.record().id(), region);
        }
    }

    private void closed(ClientRuntime client) {
        synchronized (clients) {
            clients.remove(client.record().id(), client);
        }
    }

    /** What there is of a region here; where it is mapped in both ways, what is paged on demand. */
    RegionRuntime find(int regionId) {
        RegionRuntime home = homes.get(regionId);
        RegionRuntime coherent = home != null ? home : clients.get(regionId);
        return coherent != null ? coherent : preloaded.get(regionId);
    }

    /** The preloaded frames of a region, or null. */
    PreloadedRuntime preloaded(int regionId) {
        return preloaded.get(regionId);
    }

    Collection<PreloadedRuntime> preloaded() {
        return preloaded.values();
    }

    Collection<HomeRuntime> homes() {
        return homes.values();
    }

    Collection<ClientRuntime> clients() {
        return clients.values();
    }

    /** The regions whose homes are called from here. */
    List<CallingRuntime> callers() {
        List<CallingRuntime> callers = new ArrayList<>(clients.values());
        callers.addAll(preloaded.values());
        return callers;
    }

    /** Every region that is served or used here. */
    List<RegionRuntime> all() {
        List<RegionRuntime> all = new ArrayList<>(homes.values());
        all.addAll(callers());
        return all;
    }

    Collection<LostRegion> lost() {
        return lost.values();
    }

    @Override
    public Reason whyNot(int regionId, String regionName) {
        LostRegion gone = lost.get(regionId);
        if (gone != null) {
            return new Reason(gone.cause(), gone.reason());
        }
        return new Reason(
                FaultCause.NO_OWNER, "host " + context.host() + " does not own region " + regionName + " (any more)");
    }
}
