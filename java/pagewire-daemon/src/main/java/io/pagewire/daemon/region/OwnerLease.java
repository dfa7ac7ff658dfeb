package io.pagewire.daemon.region;

import io.pagewire.core.Cause;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.FaultCause;
import java.util.function.LongSupplier;

/**
 * The owner's own rights in its region: bound to its directory session. When that may have ended, nothing is granted and
 * nothing served until the claim is confirmed, or made anew.
 *
 * <p>Belongs to the region's event loop.
 */
public final class OwnerLease {
    private static final long MS = 1_000_000L;

    private final HomeRuntime home;
    private final String directory;
    private final LongSupplier bootTimeNs;
    private OwnerRecord claim;
    private boolean suspended;
    private boolean claimLost;
    private boolean over;
    /** On the clock that goes on while the machine sleeps, as the directory's session does. */
    private long endBootNs;

    /** Begins with half of a session's time; the directory extends it. */
    OwnerLease(HomeRuntime home, RegionContext context, OwnerRecord claim) {
        this(home, context, claim, Sys::bootTimeNs);
    }

    /** @param bootTimeNs CLOCK_BOOTTIME in ns */
    OwnerLease(HomeRuntime home, RegionContext context, OwnerRecord claim, LongSupplier bootTimeNs) {
        this.home = home;
        this.bootTimeNs = bootTimeNs;
        this.directory = context.directory().connectString();
        this.claim = claim;
        long time = context.settings().deadlines().directorySessionMs() * MS / 2;
        endBootNs = bootTimeNs.getAsLong() + time;
        home.leaseUntil(endBootNs);
    }

    public OwnerRecord claim() {
        return claim;
    }

    public boolean isSuspended() {
        return suspended;
    }

    /** The directory session cannot end before this moment (ns of CLOCK_BOOTTIME). */
    public void extended(long sessionEndBootNs) {
        endBootNs = sessionEndBootNs;
        if (isOver() || claimLost || over) {
            return;
        }
        home.leaseUntil(endBootNs);
        if (suspended) {
            suspended = false;
            long now = System.nanoTime();
            home.core().resume(now, now);
        }
    }

    /** The directory session ended and the claim with it: nothing is served before it is made anew. */
    public void claimExpired() {
        claimLost = true;
        suspend(System.nanoTime());
    }

    /**
     * The claim was made anew. True when its epoch is a later one: circuits of the earlier one are over. One that is told after a
     * later one counts for nothing.
     */
    boolean claimed(OwnerRecord anew) {
        if (anew.epoch() < claim.epoch()) {
            return false;
        }
        claimLost = false;
        boolean later = anew.epoch() > claim.epoch();
        claim = later ? anew : claim;
        return later;
    }

    /** Call before anything is granted or served. {@code now}: as the core counts. */
    void suspendIfOver(long now) {
        if (!suspended && isOver()) {
            suspend(now);
        }
    }

    private boolean isOver() {
        return bootTimeNs.getAsLong() - endBootNs >= 0;
    }

    /** The directory is out of reach: takes all access away while the session is still ours. */
    public void suspend(long now) {
        if (suspended) {
            return;
        }
        suspended = true;
        home.leaseUntil(0);
        home.explain(
                FaultCause.FENCED,
                "this host cannot confirm with the directory " + directory + " that it still owns region "
                        + home.record().name() + "; access returns when the directory answers");
        home.core().suspend(Cause.FENCED, now);
    }

    /** The region was deleted: nothing brings its rights back. */
    void end() {
        over = true;
    }
}
