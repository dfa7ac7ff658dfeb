package io.pagewire.core;

/**
 * Whether a home region may give anything out at present, and if not, why. Closed for good when the region was deleted, closed
 * for a time while the owner has no directory session, and half open while a restarted home waits for the copies of its
 * earlier life to run out.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class HomeGate {
    private int failedCause;
    private int suspendedCause;
    private final boolean barsReading;
    private boolean taking;
    private long noWriteBefore;
    private boolean barred;

    /** @param barsReading while copies of an earlier life may be in use, they may be written too, so nobody may read either */
    HomeGate(boolean barsReading) {
        this.barsReading = barsReading;
    }

    void fail(int cause) {
        failedCause = cause;
    }

    boolean failed() {
        return failedCause != 0;
    }

    void suspend(int cause) {
        suspendedCause = cause;
    }

    void resume(long noWriteGrantBefore, long now) {
        suspendedCause = 0;
        noWriteBefore = noWriteGrantBefore;
        barred = now - noWriteGrantBefore < 0;
    }

    /** Every right is being taken away; answers are missing. */
    void taking(boolean nowTaking) {
        taking = nowTaking;
    }

    boolean isTaking() {
        return taking;
    }

    boolean open() {
        return failedCause == 0 && suspendedCause == 0 && !taking && !(barred && barsReading);
    }

    boolean mayWrite(long now) {
        return open() && (!barred || now - noWriteBefore >= 0);
    }

    /** True once, when the wait for the copies of an earlier life is over. */
    boolean barLifted(long now) {
        if (barred && now - noWriteBefore >= 0) {
            barred = false;
            return true;
        }
        return false;
    }

    /** What other hosts are told: 0 while the region serves. */
    int closedCause() {
        return failedCause != 0 ? failedCause : suspendedCause;
    }

    /** Why a local request that ran into its deadline was not served. */
    int causeOfWaiting() {
        return closedCause() != 0 ? closedCause() : Cause.DEADLINE;
    }
}
