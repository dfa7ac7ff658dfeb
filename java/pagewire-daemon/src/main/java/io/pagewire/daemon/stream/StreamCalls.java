package io.pagewire.daemon.stream;

import io.pagewire.core.Cause;
import io.pagewire.core.stream.StreamHub;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The circuits of a home stream from call to end: who is accepted, who may go on where an earlier circuit broke, and what
 * becomes of a host that is dropped (SPEC: V1, V2, V12). A client stream is known by its daemon's session and its circuit id,
 * which is never given to another; so one that was dropped cannot come back as if it had missed nothing.
 *
 * <p>Belongs to the stream's event loop.
 */
final class StreamCalls implements HomeSink.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(StreamCalls.class);
    private static final long MS = 1_000_000L;
    private static final int MOST_REMEMBERED = 1024;

    /** A host sees to its own consumers first: it is given as much time more than they are. */
    private static final int HOST_GRACE_MS = 2000;

    private final HomeStream stream;
    private final RegionContext context;
    private final Host[] hosts = new Host[StreamRuntime.MOST_SINKS];
    private final Map<Caller, String> dropped = new LinkedHashMap<>();
    private int droppedCount;

    /** A client stream of another host. */
    private record Caller(long session, int circuitId) {}

    /** What is known of one. */
    static final class Host {
        final HomeSink sink;
        final Caller caller;
        int incarnation;
        long delivered;
        boolean over;
        long awaySinceNs;
        String awayBecause;

        Host(HomeSink sink, Caller caller, int incarnation) {
            this.sink = sink;
            this.caller = caller;
            this.incarnation = incarnation;
        }

        boolean isAway() {
            return awayBecause != null;
        }

        String name() {
            return "host " + sink.setup().host();
        }

        boolean latest() {
            return sink.setup().sharingType() == PeerLayout.Setup.LATEST_STREAM;
        }
    }

    StreamCalls(HomeStream stream, RegionContext context) {
        this.stream = stream;
        this.context = context;
    }

    // ---- calls ---------------------------------------------------------------------------------------------------

    /** Decides about a call. The circuit lives on this loop already. */
    void call(Circuit circuit, SetupRequest setup, int circuitId, int incarnation, long epoch) {
        circuit.bind(circuitId, incarnation, epoch);
        Reason refusal = StreamPolicy.refusal(context, stream, setup, epoch);
        if (refusal != null) {
            refuse(circuit, setup, refusal.cause().code(), refusal.text());
            return;
        }
        Caller caller = new Caller(setup.session(), circuitId);
        Host known = find(caller);
        if (known != null) {
            goOn(known, circuit, setup, incarnation);
        } else if (dropped.containsKey(caller)) {
            refuse(circuit, setup, Cause.TOO_SLOW, dropped.get(caller));
        } else if (setup.resume() != 0) {
            refuse(circuit, setup, Cause.REFUSED, "this call goes on where none that was known here broke");
        } else if (!stream.takesConsumers()) {
            refuse(
                    circuit,
                    setup,
                    Cause.UNKNOWN_REGION,
                    "stream " + stream.record().name() + " has ended");
        } else {
            accept(circuit, setup, caller, incarnation);
        }
    }

    private void refuse(Circuit circuit, SetupRequest setup, int cause, String text) {
        LOG.info("stream {}: call of host {} refused: {}", stream.record().name(), setup.host(), text);
        circuit.sendLast(PeerLayout.REFUSE, cause, text);
    }

    private void goOn(Host known, Circuit circuit, SetupRequest setup, int incarnation) {
        if (incarnation - known.incarnation <= 0) {
            // The network held this call back while its daemon gave it up and called again.
            refuse(circuit, setup, Cause.OWNER_LOST, "a newer call of this daemon has been accepted");
            return;
        }
        String problem = known.sink.resume(circuit, setup, stream.record().span(), stream.dropMs());
        if (problem != null) {
            refuse(circuit, setup, Cause.REFUSED, problem);
            remove(known, problem);
            return;
        }
        known.incarnation = incarnation;
        known.awayBecause = null;
        LOG.info(
                "stream {}: host {} goes on after frame {} on another circuit",
                stream.record().name(),
                setup.host(),
                setup.resume());
    }

    private void accept(Circuit circuit, SetupRequest setup, Caller caller, int incarnation) {
        int sink = stream.freeSink();
        if (sink < 0) {
            refuse(circuit, setup, Cause.REFUSED, "the stream has all " + hosts.length + " consumers that it may have");
            return;
        }
        if (!context.peers().add(setup.session())) {
            String text = "host " + context.host() + " has circuits to "
                    + context.settings().maxPeers() + " other daemons already (setting circuits.max-peers there)";
            refuse(circuit, setup, Cause.REFUSED, text);
            return;
        }
        Host host = new Host(new HomeSink(this, sink, circuit, setup), caller, incarnation);
        hosts[sink] = host;
        host.sink.accept(stream.record().span(), stream.dropMs());
        long deadline = (stream.dropMs() + HOST_GRACE_MS) * MS;
        stream.hub().addSink(sink, host.latest(), true, 0, deadline, System.nanoTime());
        LOG.info(
                "stream {}: host {} takes frames{}",
                stream.record().name(),
                setup.host(),
                host.latest() ? ", the latest ones" : "");
    }

    private Host find(Caller caller) {
        for (Host host : hosts) {
            if (host != null && host.caller.equals(caller)) {
                return host;
            }
        }
        return null;
    }

    // ---- what becomes of them ------------------------------------------------------------------------------------

    Host get(int sink) {
        return hosts[sink];
    }

    List<Host> all() {
        List<Host> present = new ArrayList<>();
        for (Host host : hosts) {
            if (host != null) {
                present.add(host);
            }
        }
        return present;
    }

    boolean isEmpty() {
        return all().isEmpty();
    }

    /** Whether a host is there that still takes frames, or has yet to hang up after the end. */
    boolean hasOpen(boolean latestToo) {
        for (Host host : hosts) {
            if (host != null && (latestToo || !host.latest())) {
                return true;
            }
        }
        return false;
    }

    int droppedCount() {
        return droppedCount;
    }

    /** The hub has given a host up that held the stream up, or stayed away. */
    void dropped(int sink, long heldUpNs) {
        Host host = hosts[sink];
        String text = host.isAway()
                ? host.name() + " did not come back within " + heldUpNs / MS + " ms after its circuit broke ("
                        + host.awayBecause + ") and was dropped"
                : host.name() + " held stream " + stream.record().name() + " up for " + heldUpNs / MS
                        + " ms and was dropped";
        LOG.warn("stream {}: {}", stream.record().name(), text);
        droppedCount++;
        dropped.put(host.caller, text);
        if (dropped.size() > MOST_REMEMBERED) {
            dropped.remove(dropped.keySet().iterator().next());
        }
        host.over = true;
        host.sink.close(Cause.TOO_SLOW, text);
        // Not within a call of the hub's.
        stream.loop().execute(() -> remove(host, text));
    }

    private void remove(Host host, String reason) {
        int sink = host.sink.sink();
        if (hosts[sink] != host) {
            return;
        }
        boolean underway = host.sink.hasBytesUnderway();
        hosts[sink] = null;
        host.sink.close(Cause.OWNER_LOST, reason);
        context.peers().remove(host.caller.session());
        if (!stream.isClosed()) {
            stream.hub().removeSink(sink, underway, System.nanoTime());
        }
    }

    /** Hangs up on everybody, because the daemon stops. */
    void endAll(int cause, String reason) {
        for (Host host : all()) {
            host.sink.close(cause, reason);
            hosts[host.sink.sink()] = null;
            context.peers().remove(host.caller.session());
        }
    }

    // ---- HomeSink.Owner ------------------------------------------------------------------------------------------

    @Override
    public int homeMs() {
        return context.settings().deadlines().homeMs();
    }

    @Override
    public StreamHub hub() {
        return stream.hub();
    }

    @Override
    public StreamMemory memory() {
        return stream.memory();
    }

    @Override
    public void circuitLost(HomeSink sink, String reason) {
        Host host = hosts[sink.sink()];
        if (host != null && host.sink == sink) {
            host.awaySinceNs = System.nanoTime();
            host.awayBecause = reason;
            LOG.info("stream {}: the circuit of {} broke: {}", stream.record().name(), host.name(), reason);
        }
    }

    @Override
    public void left(HomeSink sink, String reason) {
        Host host = hosts[sink.sink()];
        if (host != null && host.sink == sink) {
            LOG.info("stream {}: {} takes no more frames: {}", stream.record().name(), host.name(), reason);
            remove(host, reason);
        }
    }
}
