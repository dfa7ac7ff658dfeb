package io.pagewire.daemon.region;

import io.netty.channel.EventLoop;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.local.Traces;
import io.pagewire.daemon.sys.Timers;
import java.util.concurrent.TimeUnit;

/**
 * A mapping whose agent's socket has closed without an unmap, or whose agent has not answered a revoke in time. Such a process may
 * be dying, stopped or broken, and then it may still load and store; or it may be perfectly well: another program runs in it
 * ({@code exec}), a process forked from it has the socket, its unmap is still on its way, or it gave its rights up while this
 * daemon did not listen. So its memory is looked at, and it is killed only when it may still use the region.
 *
 * <p>A process has one mapping of a region at a time: one that asks for the region again has given up what it had. The lease page
 * that its memory shows is then that of the younger mapping.
 *
 * <p>Belongs to the region's event loop.
 */
final class SilentMapping {
    /** In which a process that ends, or unmaps, gets it done. */
    private static final int GRACE_MS = 200;

    /** How long a younger mapping, or an unmap of a process that cannot be looked at, may take to show. */
    private static final int PATIENCE_MS = 2000;

    private final RegionRuntime region;
    private final Mapping mapping;
    private final String lease;
    private final String why;
    private final long since = System.nanoTime();
    private final boolean urgent;

    private SilentMapping(RegionRuntime region, Mapping mapping, String lease, String why, boolean urgent) {
        this.region = region;
        this.mapping = mapping;
        this.lease = lease;
        this.why = why;
        this.urgent = urgent;
    }

    /** The agent's socket has closed. {@code lease}: the name of the region's lease page. */
    static void lostAgent(RegionRuntime region, Mapping mapping, String lease) {
        if (mapping.judge()) {
            String why = "the agent of its region " + region.record().name() + " vanished";
            new SilentMapping(region, mapping, lease, why, false).lookIn(GRACE_MS);
        }
    }

    /** A revoke has not been answered in time: others wait. */
    static void missedRevoke(RegionRuntime region, Mapping mapping, String lease, int revokeMs) {
        if (mapping.judge()) {
            String why =
                    "it did not give up a page of region " + region.record().name() + " within " + revokeMs + " ms";
            new SilentMapping(region, mapping, lease, why, true).look();
        }
    }

    private void lookIn(int ms) {
        Timers.after(region.loop(), ms, "looking for a program that is silent", this::look);
    }

    private void look() {
        LocalProcess process = mapping.process();
        if (mapping.isGone() || !process.hold()) {
            return;
        }
        EventLoop loop = region.loop();
        region.context.slow().execute(() -> {
            Traces traces = Traces.of(process.pid(), lease);
            boolean ended = process.hasEnded(); // asked last: until now the number was this process's
            process.release();
            loop.execute(() -> decide(traces, ended));
        });
    }

    private void decide(Traces traces, boolean ended) {
        if (mapping.isGone()) {
            return;
        }
        boolean patient = !urgent && System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        Mapping younger = region.context.youngerThan(mapping, region.record().id());
        boolean over = ended || traces == Traces.NONE || (younger != null && younger.hasAgent());
        if (over) {
            region.unmapped(mapping);
        } else if (patient && (younger != null || traces == Traces.UNKNOWN)) {
            lookIn(GRACE_MS);
        } else {
            mapping.process()
                    .kill(why, region.context.slow(), () -> region.loop().execute(() -> region.unmapped(mapping)));
        }
    }
}
