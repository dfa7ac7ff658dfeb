package io.pagewire.daemon.stream;

import io.pagewire.core.Cause;
import io.pagewire.core.stream.StreamHub;
import io.pagewire.daemon.local.StreamEnd;
import io.pagewire.wire.FaultCause;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The consumer programs of one stream on this host: turns what they say into events of the hub, and what the hub decides about
 * them into messages (SPEC: V12).
 *
 * <p>Belongs to the stream's event loop.
 */
final class Consumers {
    private static final Logger LOG = LoggerFactory.getLogger(Consumers.class);
    private static final long MS = 1_000_000L;

    /** A consumer shows one frame and has asked for another when it releases the first. */
    private static final int LATEST_SLOTS = 2;

    /** Of a lossless consumer, times the number of frames: what it is sent while its NEXT and its RELEASE are under way. */
    private static final int UNRELEASED = 3;

    private final StreamRuntime stream;
    private final StreamHub hub;
    private final String hostName;
    private final LocalSink[] sinks = new LocalSink[StreamRuntime.MOST_SINKS];
    private int droppedCount;

    Consumers(StreamRuntime stream, StreamHub hub, String hostName) {
        this.stream = stream;
        this.hub = hub;
        this.hostName = hostName;
    }

    // ---- who is there --------------------------------------------------------------------------------------------

    /** The consumer with this sink number, or null. */
    LocalSink get(int sink) {
        return sinks[sink];
    }

    void add(StreamEnd end, boolean latest) {
        sinks[end.sink()] = new LocalSink(end, latest);
    }

    List<LocalSink> all() {
        List<LocalSink> present = new ArrayList<>();
        for (LocalSink sink : sinks) {
            if (sink != null) {
                present.add(sink);
            }
        }
        return present;
    }

    boolean isEmpty() {
        return all().isEmpty();
    }

    /** Whether one is there that has not been told the end; one that skips frames hears it when it asks the next time. */
    boolean hasOpen(boolean latestToo) {
        for (LocalSink sink : sinks) {
            if (sink != null && !sink.over && (latestToo || !sink.latest)) {
                return true;
            }
        }
        return false;
    }

    /** Those that were dropped since the stream began. */
    int droppedCount() {
        return droppedCount;
    }

    // ---- what they say -------------------------------------------------------------------------------------------

    void attached(StreamEnd end) {
        LocalSink consumer = sinks[end.sink()];
        consumer.joined = true;
        int credit = consumer.latest ? 0 : StreamHub.UNLIMITED;
        hub.addSink(end.sink(), consumer.latest, false, credit, stream.dropMs() * MS, System.nanoTime());
    }

    String next(StreamEnd end) {
        LocalSink consumer = sinks[end.sink()];
        int unreleased = hub.delivered(end.sink());
        if (unreleased > (consumer.latest ? 1 : UNRELEASED * stream.frames())) {
            return "NEXT from a consumer that has " + unreleased + " frames and releases none";
        }
        if (!consumer.latest) {
            hub.finished(end.sink(), System.nanoTime());
            return null;
        }
        if (consumer.asked) {
            return "a second NEXT before the answer to the first";
        }
        consumer.asked = true;
        hub.credit(end.sink(), 1, System.nanoTime());
        return null;
    }

    String released(StreamEnd end, int slot) {
        return hub.released(end.sink(), slot, System.nanoTime());
    }

    String cancel(StreamEnd end, int request) {
        LocalSink consumer = sinks[end.sink()];
        if (!consumer.latest) {
            return "CANCEL from a consumer that is sent every frame";
        }
        consumer.asked = false;
        hub.cancel(end.sink(), System.nanoTime());
        end.cancelled(request);
        return null;
    }

    void closed(StreamEnd end) {
        LocalSink consumer = sinks[end.sink()];
        sinks[end.sink()] = null;
        if (consumer.joined) {
            hub.removeSink(end.sink(), false, System.nanoTime());
        }
    }

    // ---- what the hub decides ------------------------------------------------------------------------------------

    void deliver(int sink, int slot, long number, int length, long timeNs) {
        LocalSink consumer = sinks[sink];
        consumer.asked = false;
        consumer.delivered++;
        consumer.end.frame(slot, number, timeNs, length);
    }

    void end(int sink, int cause) {
        sinks[sink].over = true;
        if (!sinks[sink].end.isGone()) {
            sinks[sink].end.ended(cause, hub.lastNumber());
        }
    }

    void dropped(int sink, long heldUpNs) {
        LocalSink consumer = sinks[sink];
        String text = consumer.name() + " on host " + hostName + " held stream "
                + stream.record().name() + " up for " + heldUpNs / MS + " ms (" + stream.dropMs()
                + " ms are allowed) and was dropped; make it faster, raise the producer's drop deadline, or subscribe"
                + " with --latest";
        LOG.warn("{}", text);
        droppedCount++;
        consumer.dropped = text;
        end(sink, Cause.TOO_SLOW);
    }

    /** The daemon stops. */
    void endAll(int cause) {
        for (LocalSink consumer : all()) {
            if (!consumer.over) {
                end(consumer.end.sink(), cause);
            }
            if (!consumer.end.isGone()) {
                stream.forget(consumer.end);
            }
        }
    }

    // ---- slots ---------------------------------------------------------------------------------------------------

    /**
     * Why this host takes no further consumer: those that hold nobody back have so many slots that, were the new one to get stuck
     * too, the source would have too few. Null = there are enough.
     */
    String crowded(boolean latest, int frames) {
        int mayKeep = latest ? LATEST_SLOTS : frames;
        if (hub.aside() + mayKeep <= StreamRuntime.MOST_SINKS) {
            return null;
        }
        return "stream " + stream.record().name() + " takes no further consumer on host " + hostName + ": " + keepers();
    }

    /** Who has slots without holding the source up, and what to do about that. */
    String keepers() {
        StringJoiner keepers = new StringJoiner(", ");
        for (LocalSink consumer : all()) {
            int kept = consumer.joined ? hub.delivered(consumer.end.sink()) : 0;
            if (kept > 0 && hub.heldBack(consumer.end.sink()) == 0) {
                keepers.add(consumer.name() + " has " + kept + (consumer.dropped != null ? " (it was dropped)" : ""));
            }
        }
        return hub.aside() + " of " + (stream.frames() + StreamRuntime.MOST_SINKS)
                + " slots are kept by consumers that nobody waits for any more; have them go on, or end them: "
                + keepers;
    }

    // ---- reasons -------------------------------------------------------------------------------------------------

    /** Why this one was dropped, null when it was not, or when that is not what is asked. */
    String whyDropped(StreamEnd end, FaultCause cause) {
        LocalSink consumer = sinks[end.sink()];
        return cause == FaultCause.TOO_SLOW && consumer != null ? consumer.dropped : null;
    }
}
