package io.pagewire.daemon.region;

import io.pagewire.core.Cause;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.FaultCause;

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
    private OwnerRecord claim;
    private boolean suspended;
    private boolean claimLost;
    private boolean over;
    private long endNs;

    /** Begins with half of a session's time; the directory extends it. */
    OwnerLease(HomeRuntime home, RegionContext context, OwnerRecord claim) {
        this.home = home;
        this.directory = context.directory().connectString();
        this.claim = claim;
        long time = context.settings().deadlines().directorySessionMs() * MS / 2;
        endNs = System.nanoTime() + time;
        home.leaseUntil(Sys.bootTimeNs() + time);
    }

    public OwnerRecord claim() {
        return claim;
    }

    public boolean isSuspended() {
        return suspended;
    }

    /** The directory session cannot end before this moment (ns of CLOCK_BOOTTIME). */
    public void extended(long endBootNs) {
        long now = System.nanoTime();
        endNs = now + (endBootNs - Sys.bootTimeNs());
        if (endNs - now <= 0 || claimLost || over) {
            return;
        }
        home.leaseUntil(endBootNs);
        if (suspended) {
            suspended = false;
            home.core().resume(now, now);
        }
    }

    /** The directory session ended and the claim with it: nothing is served before it is made anew. */
    public void claimExpired() {
        claimLost = true;
        suspend(System.nanoTime());
    }

    /** The claim was made anew. True when its epoch is a later one: circuits of the earlier one are over. */
    boolean claimed(OwnerRecord anew) {
        claimLost = false;
        boolean later = anew.epoch() != claim.epoch();
        claim = later ? anew : claim;
        return later;
    }

    void suspendIfOver(long now) {
        if (!suspended && now - endNs >= 0) {
            suspend(now);
        }
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
