package io.pagewire.daemon.stream;

import io.pagewire.core.stream.StreamHub;
import java.util.StringJoiner;

/**
 * Says what keeps a producer from its next slot, or a drain from its end: programs, hosts, circuits that are down.
 *
 * <p>Belongs to the stream's event loop.
 */
final class HeldUp {
    private static final long MS = 1_000_000L;

    private final StreamRuntime stream;
    private final StreamCalls calls;
    private final StreamHub hub;
    private final String hostName;
    private final StringJoiner text = new StringJoiner("; ");

    HeldUp(StreamRuntime stream, StreamCalls calls, String hostName) {
        this.stream = stream;
        this.calls = calls;
        this.hub = stream.hub();
        this.hostName = hostName;
    }

    /** One line. {@code waitingSinceNs}: since when the producer waits, if it does. */
    String text(long waitingSinceNs) {
        if (hub.kept() > 0) {
            text.add("no consumer has subscribed yet: " + frames(hub.kept())
                    + " kept for the first one (a producer that discards lets them go)");
        }
        programs();
        hosts();
        if (text.length() == 0) {
            return hub.isSourceWaiting() && hub.aside() > 0
                    ? "consumers on host " + hostName + ": "
                            + stream.consumers().keepers()
                    : "nobody has a frame";
        }
        String since = hub.isSourceWaiting() ? " (for " + ms(waitingSinceNs) + " ms)" : "";
        return text + since;
    }

    private void programs() {
        for (LocalSink consumer : stream.consumers().all()) {
            int held = consumer.joined ? hub.heldBack(consumer.end.sink()) : 0;
            if (held > 0) {
                text.add(consumer.name() + " on host " + hostName + " has " + frames(held));
            }
        }
    }

    private void hosts() {
        for (StreamCalls.Host host : calls.all()) {
            int held = hub.heldBack(host.sink.sink());
            if (host.isAway()) {
                text.add("the circuit of " + host.name() + " has been down for " + ms(host.awaySinceNs) + " ms ("
                        + host.awayBecause + "), " + frames(held) + " for it");
            } else if (held > 0) {
                text.add(host.name() + " has " + frames(held) + " that its consumers are not done with");
            }
        }
    }

    private static String frames(long count) {
        return count == 1 ? "1 frame" : count + " frames";
    }

    private static long ms(long sinceNs) {
        return (System.nanoTime() - sinceNs) / MS;
    }
}
