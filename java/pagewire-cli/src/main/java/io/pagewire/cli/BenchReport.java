package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.cli.hosts.Latency;
import java.util.Locale;

/**
 * A benchmark's result for a reader: a table of latencies, then a line for each rate; only what was measured.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class BenchReport {
    private static final String PAGE = "4 KiB TCP request/response";
    private static final String SMALL = "32-byte TCP round trip";

    private BenchReport() {}

    static String text(JsonNode result) {
        Table table = new Table("", "P50", "P99", "RAW P50", "RATIO", "RAW IS");
        row(table, result, "remote read fault", "remoteReadFault", PAGE);
        row(table, result, "local fault", "localFault", SMALL);
        row(table, result, "write fault, one reader", "writeFault", SMALL);
        row(table, result, "remote write fault", "remoteWriteFault", PAGE);
        row(table, result, "remote write fault, copy here", "upgrade", SMALL);
        row(table, result, "hand-over between two writers", "handOver", PAGE);
        StringBuilder text = new StringBuilder(table.isEmpty() ? "" : table + "\n");
        rates(text, result);
        streams(text, result.path("streams"));
        return text.toString();
    }

    private static void row(Table table, JsonNode result, String label, String key, String raw) {
        JsonNode figure = result.path(key);
        if (figure.isMissingNode()) {
            return;
        }
        table.row(
                label,
                Latency.us(figure.path("p50us").asDouble()),
                Latency.us(figure.path("p99us").asDouble()),
                Latency.us(figure.path("rawP50us").asDouble()),
                String.format(Locale.ROOT, "%.2f", figure.path("ratio").asDouble()),
                raw);
    }

    private static void rates(StringBuilder text, JsonNode result) {
        JsonNode scan = result.path("scan");
        if (scan.isObject()) {
            line(
                    text,
                    "sequential scan %.2f GB/s, raw 1 MiB stream %.2f GB/s, ratio %.2f",
                    scan.path("gbps").asDouble(),
                    scan.path("rawGbps").asDouble(),
                    scan.path("ratio").asDouble());
        }
        JsonNode pressed = result.path("scanUnderPressure");
        if (pressed.isObject()) {
            line(
                    text,
                    "scan of %s with frames for %s %.2f GB/s, with frames for all of it %.2f GB/s, ratio %.2f",
                    Sizes.human(pressed.path("bytes").asLong()),
                    Sizes.human(pressed.path("framesMax").asLong()),
                    pressed.path("gbps").asDouble(),
                    pressed.path("freeGbps").asDouble(),
                    pressed.path("freeRatio").asDouble());
        }
        JsonNode random = result.path("randomAccess");
        if (random.isObject()) {
            line(
                    text,
                    "random access, %d faults: %.1f us each among %d pages, %.1f us among %d, ratio %.2f (aim: at most %.1f)",
                    random.path("faults").asLong(),
                    random.path("meanUs").asDouble(),
                    random.path("pages").asLong(),
                    random.path("smallMeanUs").asDouble(),
                    random.path("smallPages").asLong(),
                    random.path("ratio").asDouble(),
                    random.path("target").asDouble());
        }
        JsonNode memory = result.path("daemonMemory");
        if (memory.isObject()) {
            line(
                    text,
                    "daemon memory a page: %.1f bytes at home, %.1f bytes at a client (%s, %d pages)",
                    memory.path("homeBytesPerPage").asDouble(),
                    memory.path("clientBytesPerPage").asDouble(),
                    memory.path("from").asText().equals("heap") ? "heap" : "resident memory",
                    memory.path("pages").asLong());
        }
    }

    private static void streams(StringBuilder text, JsonNode streams) {
        if (!streams.isObject()) {
            return;
        }
        Table speed = new Table("FRAMES OF", "GB/s", "RAW", "RATIO", "CPU s/GB", "RAW", "FRAMES SEEN", "BYTES SEEN");
        Table swap = new Table("FRAMES OF", "SWAP, UNTOUCHED", "MAX", "SWAP, ALL PAGES", "MAX", "SWAPS");
        for (JsonNode row : streams.path("sizes")) {
            String size = Sizes.human(row.path("frameSize").asLong());
            speed.row(
                    size,
                    decimals(row, "gbps"),
                    decimals(row, "rawGbps"),
                    decimals(row, "ratio"),
                    decimals(row, "cpuSecondsPerGb"),
                    decimals(row, "rawCpuSecondsPerGb"),
                    row.path("framesSeen").asText(),
                    Sizes.human(row.path("bytesSeen").asLong()));
            JsonNode bare = row.path("swapUntouched");
            JsonNode full = row.path("swapPopulated");
            swap.row(
                    size,
                    Latency.us(bare.path("meanUs").asDouble()),
                    Latency.us(bare.path("maxUs").asDouble()),
                    Latency.us(full.path("meanUs").asDouble()),
                    Latency.us(full.path("maxUs").asDouble()),
                    full.path("count").asText());
        }
        text.append(text.isEmpty() ? "" : "\n").append(speed).append('\n').append(swap);
        line(
                text,
                "frame streams with %d frames a side; raw: blocks over TCP between two C programs (aim: ratio at least %.1f at 8 MiB)",
                streams.path("frames").asInt(),
                streams.path("targetRatio").asDouble());
    }

    private static String decimals(JsonNode row, String field) {
        return String.format(Locale.ROOT, "%.2f", row.path(field).asDouble());
    }

    private static void line(StringBuilder text, String format, Object... figures) {
        text.append(String.format(Locale.ROOT, format, figures)).append('\n');
    }
}
