package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what programs have written to the disk, when they or other hosts ask for it. Requests that come while the disk is busy
 * with earlier ones share the next turn; of one circuit's only the newest is answered then, which covers those before it. A turn
 * takes as long as the disk takes bytes: other hosts are told now and then that it does, and programs of this host fail when it
 * takes none.
 *
 * <p>Belongs to the region's event loop; the work itself is done by slow threads.
 */
final class HomeForces {
    private static final Logger LOG = LoggerFactory.getLogger(HomeForces.class);

    /** Most turns are over by then; nobody looks how far they have come. */
    private static final long WATCH_NS = 500_000_000L;

    /** Somebody waits: a circuit for the answer to its request, or a program of this host. */
    private record Waiting(Circuit circuit, int request, Consumer<ControlReply> local) {}

    private final PageSource source;
    private final String region;
    private final Executor loop;
    private final Executor slow;
    private final long stallNs;
    private List<Waiting> waiting = new ArrayList<>();
    private List<Waiting> served = List.of();
    private volatile boolean running;
    private boolean watched;
    private long begunNs;
    private volatile long progressNs;
    private long toldNs;

    /** @param stallNs programs fail when the disk has taken nothing for so long */
    HomeForces(PageSource source, String region, Executor loop, Executor slow, long stallNs) {
        this.source = source;
        this.region = region;
        this.loop = loop;
        this.slow = slow;
        this.stallNs = stallNs;
    }

    /** A FORCE came; null, or why the circuit must be closed. */
    String add(Circuit from, ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.FORCE_LENGTH) {
            return "FORCE of " + length + " bytes";
        }
        waiting.removeIf(earlier -> earlier.circuit() == from); // its client waits for the newest only
        waiting.add(new Waiting(from, bytes.getIntLE(at + PeerLayout.SYNC_REQUEST), null));
        start();
        return null;
    }

    /** A program of this host asks; {@code done} hears the outcome, once. */
    void add(Consumer<ControlReply> done) {
        waiting.add(new Waiting(null, 0, done));
        start();
    }

    private void start() {
        if (running || waiting.isEmpty()) {
            return;
        }
        running = true;
        watched = false;
        begunNs = System.nanoTime();
        progressNs = begunNs;
        toldNs = begunNs;
        served = waiting;
        waiting = new ArrayList<>();
        slow.execute(() -> {
            IOException failure = force();
            loop.execute(() -> answer(failure));
        });
    }

    private IOException force() {
        try {
            source.force();
            return null;
        } catch (IOException e) {
            LOG.warn("region {}: what was written cannot be forced to disk: {}", region, Reasons.of(e));
            return e;
        }
    }

    private void answer(IOException failure) {
        for (Waiting one : served) {
            if (one.circuit() == null) {
                one.local().accept(failure == null ? ControlReply.ok() : failed(LocalStatus.FILE, Reasons.of(failure)));
            } else {
                send(one, PeerLayout.FORCED, failure == null ? 0 : Cause.FILE_ERROR);
            }
        }
        served = List.of();
        running = false;
        start();
    }

    private ControlReply failed(LocalStatus status, String why) {
        return ControlReply.failed(status, "region " + region + " cannot be written to its file: " + why);
    }

    private static void send(Waiting to, int type, int cause) {
        ByteBuf message = to.circuit().begin(type, PeerLayout.FORCE_LENGTH);
        to.circuit().send(message.writeIntLE(to.request()).writeIntLE(cause));
    }

    void tick(long now) {
        if (!running) {
            return;
        }
        if (!watched && now - begunNs >= WATCH_NS) {
            watched = true;
            watch();
        }
        if (progressNs - toldNs > 0) {
            toldNs = progressNs;
            for (Waiting one : served) {
                if (one.circuit() != null) {
                    send(one, PeerLayout.FORCING, 0);
                }
            }
        }
        if (now - progressNs >= stallNs) {
            served = stalled(served);
            waiting = stalled(waiting);
        }
    }

    /** Those of other hosts judge for themselves. */
    private List<Waiting> stalled(List<Waiting> all) {
        List<Waiting> others = new ArrayList<>();
        for (Waiting one : all) {
            if (one.circuit() == null) {
                one.local()
                        .accept(failed(
                                LocalStatus.TIMEOUT,
                                "the disk has taken nothing more for " + stallNs / 1_000_000
                                        + " ms (setting deadlines.stall-ms)"));
            } else {
                others.add(one);
            }
        }
        return others;
    }

    private void watch() {
        try {
            WrittenBack written = source.watchForce();
            if (written != null) {
                slow.execute(() -> watch(written));
            }
        } catch (IOException e) {
            LOG.info("region {}: nobody sees how far its force has come: {}", region, Reasons.of(e));
        }
    }

    /** As long as this turn runs, and into the next one perhaps, which begins with its own deadline. */
    private void watch(WrittenBack written) {
        try (written) {
            while (running && written.next()) {
                progressNs = System.nanoTime();
            }
        }
    }
}
