package io.pagewire.daemon.region;

import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.config.DaemonSettings;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.wire.FaultCause;

/**
 * Whether home takes a call: what the call says must fit the region, the owner must still be the owner, and the user must be
 * welcome (SPEC: V2).
 *
 * <p>Stateless; safe for use by any thread.
 */
final class CallPolicy {
    private static final int TYPE_DEMAND = 1;
    private static final int TYPE_DEMAND_RESIDENT = 2;
    private static final int TYPE_PRELOADED = 3;
    private static final int TYPE_PRELOADED_RESIDENT = 4;

    private CallPolicy() {}

    /** The sharing type of a region that is mapped on demand (SPEC: V8, V9). */
    static int sharingType(RegionRecord record) {
        return record.resident() ? TYPE_DEMAND_RESIDENT : TYPE_DEMAND;
    }

    /** The sharing type of a region that is mapped preloaded (SPEC: V10, V11). */
    static int preloadedType(RegionRecord record) {
        return record.resident() ? TYPE_PRELOADED_RESIDENT : TYPE_PRELOADED;
    }

    /** Null to accept. */
    static Refusal refusal(RegionContext context, HomeRuntime home, SetupRequest setup, long epoch) {
        RegionRecord record = home.record();
        DaemonSettings settings = context.settings();
        if (setup.directory() != context.directory().incarnation()) {
            return Refusal.of(FaultCause.REFUSED, "the caller uses another directory than host " + context.host());
        }
        if (epoch > home.epoch()) {
            String text = "a later owner of region " + record.name() + " exists than host " + context.host();
            return new Refusal(FaultCause.FENCED, text, true);
        }
        if (epoch < home.epoch()) {
            return Refusal.of(FaultCause.NO_OWNER, "the region was claimed anew; ask the directory again");
        }
        if (home.owner().isSuspended()) {
            return Refusal.of(FaultCause.FENCED, home.why(FaultCause.FENCED));
        }
        if (setup.base() != record.base()
                || setup.span() != record.span()
                || setup.pageSize() != record.pageSize()
                || !setup.region().equals(record.name())) {
            return Refusal.of(
                    FaultCause.REFUSED,
                    "the call describes region " + setup.region() + " with "
                            + setup.span() + " bytes in pages of " + setup.pageSize() + ", but it has " + record.span()
                            + " bytes in pages of " + record.pageSize());
        }
        if (setup.sharingType() != sharingType(record) && setup.sharingType() != preloadedType(record)) {
            return Refusal.of(
                    FaultCause.REFUSED,
                    "sharing type " + setup.sharingType() + " is not offered for region " + record.name() + ", only "
                            + sharingType(record) + " and " + preloadedType(record) + " are");
        }
        if (setup.wantedRight() == Right.WRITE.code() && !record.anyWriter()) {
            return Refusal.of(
                    FaultCause.READ_ONLY,
                    "only processes on host " + context.host() + " may write to region " + record.name());
        }
        if (setup.wantedRight() == Right.WRITE.code() && !home.writable()) {
            return Refusal.of(
                    FaultCause.READ_ONLY,
                    "the dsmd of host " + context.host() + " may not write to " + record.file() + " any more, so nobody"
                            + " may write to region " + record.name()
                            + "; change the file's permissions and restart it");
        }
        if (setup.handsBack() && setup.isPreloaded()) {
            return Refusal.of(FaultCause.PROTOCOL, "a call that hands pages back of which it holds none");
        }
        if (setup.handsBack() && (setup.wantedRight() != Right.WRITE.code() || setup.isPreloaded())) {
            return Refusal.of(
                    FaultCause.PROTOCOL, "a call that hands pages back which its host could not have written");
        }
        if (!settings.allowUsers().isEmpty() && !settings.allowUsers().contains(setup.user())) {
            return Refusal.of(
                    FaultCause.REFUSED,
                    "host " + context.host() + " does not share with user " + setup.user() + " of host " + setup.host()
                            + " (setting circuits.allow-users there)");
        }
        if (setup.leaseMs() > settings.deadlines().clientLeaseMs()) {
            return Refusal.of(
                    FaultCause.REFUSED,
                    "host " + setup.host() + " wants a client lease of " + setup.leaseMs()
                            + " ms; host " + context.host() + " allows "
                            + settings.deadlines().clientLeaseMs()
                            + " ms (the deadlines of all hosts must fit together)");
        }
        return null;
    }
}
