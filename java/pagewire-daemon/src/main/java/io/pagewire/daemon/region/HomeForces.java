package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings to the disk what other hosts have written back, when they ask for it. Requests that come while the disk is busy with
 * earlier ones share the next turn; of one circuit's only the newest is answered then, which covers those before it.
 *
 * <p>Belongs to the region's event loop; the work itself is done by slow threads.
 */
final class HomeForces {
    private static final Logger LOG = LoggerFactory.getLogger(HomeForces.class);

    private record Waiting(Circuit circuit, int request) {}

    private final PageSource source;
    private final String region;
    private final Executor loop;
    private final Executor slow;
    private List<Waiting> waiting = new ArrayList<>();
    private boolean running;

    HomeForces(PageSource source, String region, Executor loop, Executor slow) {
        this.source = source;
        this.region = region;
        this.loop = loop;
        this.slow = slow;
    }

    /** A FORCE came; null, or why the circuit must be closed. */
    String add(Circuit from, ByteBuf bytes, int at, int length) {
        if (length != PeerLayout.FORCE_LENGTH) {
            return "FORCE of " + length + " bytes";
        }
        waiting.removeIf(earlier -> earlier.circuit() == from); // its client waits for the newest only
        waiting.add(new Waiting(from, bytes.getIntLE(at + PeerLayout.SYNC_REQUEST)));
        start();
        return null;
    }

    private void start() {
        if (running || waiting.isEmpty()) {
            return;
        }
        running = true;
        List<Waiting> served = waiting;
        waiting = new ArrayList<>();
        slow.execute(() -> {
            int cause = force();
            loop.execute(() -> answer(served, cause));
        });
    }

    private int force() {
        try {
            source.force();
            return 0;
        } catch (IOException e) {
            LOG.warn("region {}: what other hosts have written cannot be forced to disk: {}", region, e.getMessage());
            return Cause.FILE_ERROR;
        }
    }

    private void answer(List<Waiting> served, int cause) {
        for (Waiting one : served) {
            ByteBuf message = one.circuit().begin(PeerLayout.FORCED, PeerLayout.FORCE_LENGTH);
            one.circuit().send(message.writeIntLE(one.request()).writeIntLE(cause));
        }
        running = false;
        start();
    }
}
