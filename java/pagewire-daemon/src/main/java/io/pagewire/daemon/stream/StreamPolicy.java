package io.pagewire.daemon.stream;

import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.config.DaemonSettings;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.wire.FaultCause;

/**
 * Whether home takes a call for a stream: what the call says must fit the stream, the host must still be its owner, and the user
 * must be welcome (SPEC: V2, V12).
 *
 * <p>Stateless; safe for use by any thread.
 */
final class StreamPolicy {
    private StreamPolicy() {}

    /** Null to accept. */
    static Reason refusal(RegionContext context, HomeStream stream, SetupRequest setup, long epoch) {
        RegionRecord record = stream.record();
        DaemonSettings settings = context.settings();
        if (setup.directory() != context.directory().incarnation()) {
            return new Reason(FaultCause.REFUSED, "the caller uses another directory than host " + context.host());
        }
        if (epoch > stream.epoch()) {
            return new Reason(
                    FaultCause.FENCED,
                    "a later owner of stream " + record.name() + " exists than host " + context.host());
        }
        if (epoch < stream.epoch()) {
            return new Reason(FaultCause.NO_OWNER, "the stream was claimed anew; ask the directory again");
        }
        if (!setup.isStream()) {
            return new Reason(FaultCause.REFUSED, record.name() + " is a frame stream and no region: subscribe to it");
        }
        if (setup.base() != record.base()
                || setup.span() != record.span()
                || setup.pageSize() != record.pageSize()
                || !setup.region().equals(record.name())) {
            return new Reason(
                    FaultCause.REFUSED,
                    "the call describes stream " + setup.region() + " with a window of " + setup.span()
                            + " bytes, but it has " + record.span());
        }
        if (setup.wantedRight() != Right.READ.code() || setup.handsBack()) {
            return new Reason(FaultCause.PROTOCOL, "a call for a stream that wants to write or hands back");
        }
        if (!settings.allowUsers().isEmpty() && !settings.allowUsers().contains(setup.user())) {
            return new Reason(
                    FaultCause.REFUSED,
                    "host " + context.host() + " does not share with user " + setup.user() + " of host " + setup.host()
                            + " (setting circuits.allow-users there)");
        }
        return null;
    }
}
