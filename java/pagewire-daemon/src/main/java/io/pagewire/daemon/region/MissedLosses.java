package io.pagewire.daemon.region;

import io.pagewire.daemon.circuit.Circuit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Losses that a host may not have heard of, because its circuit was down or about to be: when its daemon calls again, it is told
 * what was lost since home last heard from it. Whatever it had heard by then it hears twice, rather than not at all.
 *
 * <p>Belongs to the region's event loop.
 */
final class MissedLosses {
    private static final int MOST_LOSSES = 256;
    private static final int MOST_SESSIONS = 1024;

    private record Loss(long atNs, long first, int count, String holder) {}

    private record Client(long session, boolean preloaded) {}

    private final Deque<Loss> newest = new ArrayDeque<>();
    private final Map<Client, Long> heardNs = new LinkedHashMap<>();

    void add(long now, long first, int count, String holder) {
        if (newest.size() == MOST_LOSSES) {
            newest.removeFirst();
        }
        newest.addLast(new Loss(now, first, count, holder));
    }

    /** The circuit is of no use any more; {@code lastNs}: when home heard from the client last. */
    void deaf(HomeCircuit circuit, long lastNs) {
        heardNs.putIfAbsent(client(circuit), lastNs);
        if (heardNs.size() > MOST_SESSIONS) {
            heardNs.remove(heardNs.keySet().iterator().next());
        }
    }

    /** No program of the client has the region mapped: there is nobody to be told. */
    void left(HomeCircuit circuit) {
        heardNs.remove(client(circuit));
    }

    /**
     * The client is back, or the network had held this call up and the client has called again since: it is told, but not of what
     * it had written itself, which it knows from its handing back.
     */
    void tell(HomeCircuit back) {
        Long since = heardNs.get(client(back));
        Circuit circuit = back.circuit();
        for (Loss loss : newest) {
            if (since != null
                    && loss.atNs() - since >= 0
                    && !loss.holder().equals(back.setup().host())) {
                HomeMessages.lost(circuit, loss.first(), loss.count(), loss.holder());
            }
        }
    }

    /** The client lives at the other end of this circuit, so it has been told. */
    void told(HomeCircuit circuit) {
        heardNs.remove(client(circuit));
    }

    private static Client client(HomeCircuit circuit) {
        return new Client(circuit.setup().session(), circuit.isPreloaded());
    }
}
