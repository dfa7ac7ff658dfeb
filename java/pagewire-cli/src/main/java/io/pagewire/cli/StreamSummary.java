package io.pagewire.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.StreamStats;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * What one end of a stream has done, for a reader or as JSON.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class StreamSummary {
    private StreamSummary() {}

    static ObjectNode of(String name, StreamStats stats, double seconds) {
        return Json.object()
                .put("stream", name)
                .put("frames", stats.frames())
                .put("bytes", stats.bytes())
                .put("seconds", Math.round(seconds * 1000) / 1000.0)
                .put("skipped", stats.skipped())
                .put("waits", stats.waits())
                .put("waitedMs", stats.waited().toMillis())
                .put("swapMeanUs", stats.meanSwap().toNanos() / 1000.0)
                .put("swapMaxUs", stats.longestSwap().toNanos() / 1000.0);
    }

    static void print(DaemonCommand command, PrintWriter to, String done, ObjectNode summary) {
        to.println(command.json() ? Json.pretty(summary) : text(done, summary));
        to.flush();
    }

    /** {@code sent 12 frames, 96 MiB, in 1.25 s (76.8 MiB/s), 3 skipped; a swap took 12.3 us, at most 40.1 us}. */
    static String text(String done, ObjectNode summary) {
        long frames = summary.path("frames").asLong();
        long bytes = summary.path("bytes").asLong();
        long skipped = summary.path("skipped").asLong();
        double seconds = summary.path("seconds").asDouble();
        String rate = seconds > 0 ? " (" + Sizes.human((long) (bytes / seconds)) + "/s)" : "";
        return String.format(
                Locale.ROOT,
                "%s %d frame%s, %s, in %.2f s%s%s%s",
                done,
                frames,
                frames == 1 ? "" : "s",
                Sizes.human(bytes),
                seconds,
                rate,
                skipped > 0 ? ", " + skipped + " skipped" : "",
                frames == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "; a swap took %.1f us, at most %.1f us",
                                summary.path("swapMeanUs").asDouble(),
                                summary.path("swapMaxUs").asDouble()));
    }
}
