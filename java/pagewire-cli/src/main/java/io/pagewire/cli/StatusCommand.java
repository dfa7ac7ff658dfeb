package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.Pagewire;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * {@code dsmctl status}: who the daemon is, what it serves and what it has counted.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "status",
        description = {
            "Shows this host's dsmd: addresses, directory, mappings and counters.",
            "NOT HOME is what programs have stored in another host's region and its owner does not have yet: it would be lost"
                    + " with the host where it is. It goes home in the background; dsmctl force brings it home at once."
        },
        footer = {"", "Example:  dsmctl status"})
final class StatusCommand extends DaemonCommand {
    @Override
    public Integer call() {
        JsonNode status;
        try (Pagewire pagewire = connect()) {
            status = query(pagewire, "status");
        }
        if (json()) {
            printJson(status);
        } else {
            print(out(), status);
            out().flush();
        }
        return 0;
    }

    static void print(PrintWriter out, JsonNode status) {
        field(out, "host", status.path("host").asText());
        field(out, "version", status.path("version").asText());
        field(
                out,
                "process",
                status.path("pid").asText() + ", up "
                        + uptime(status.path("uptimeMs").asLong()));
        field(out, "session", status.path("session").asText());
        field(out, "java", status.path("java").asText());
        field(out, "listens on", status.path("listen").asText());
        field(out, "socket", status.path("socket").asText());
        field(out, "data", status.path("data").asText());
        JsonNode directory = status.path("directory");
        field(
                out,
                "directory",
                directory.path("connect").asText()
                        + (directory.path("embedded").asBoolean() ? " (embedded here), " : ", ")
                        + directory.path("state").asText());
        field(out, "regions", status.path("regions").asText());
        field(out, "streams", status.path("streams").asText());
        frames(out, status.path("frames"));
        if (status.path("memory").has("heapUsed")) {
            field(
                    out,
                    "heap",
                    Sizes.human(status.path("memory").path("heapUsed").asLong()) + " used");
        }
        notHome(out, status);
        leaving(out, status.path("leaving"));
        losses(out, status.path("losses"));

        Table mappings = new Table("REGION", "PID", "UID", "PROGRAM", "LINES");
        for (JsonNode mapping : status.path("mappings")) {
            mappings.row(
                    mapping.path("region").asText(),
                    mapping.path("pid").asText(),
                    mapping.path("uid").asText(),
                    mapping.path("program").asText(),
                    mapping.path("lines").asText());
        }
        if (!mappings.isEmpty()) {
            out.print("\n" + mappings);
        }
        Table counters = new Table("COUNTER", "VALUE");
        for (Map.Entry<String, JsonNode> counter : status.path("counters").properties()) {
            counters.row(counter.getKey(), counter.getValue().asText());
        }
        if (!counters.isEmpty()) {
            out.print("\n" + counters);
        }
        Table loops = new Table("EVENT LOOP", "FAULTS", "ALLOCATED");
        for (JsonNode loop : status.path("loops")) {
            loops.row(
                    loop.path("index").asText(),
                    loop.path("faults").asText(),
                    Sizes.human(loop.path("allocatedBytes").asLong()));
        }
        if (!loops.isEmpty()) {
            out.print("\n" + loops);
        }
    }

    /** The budget for frames, and what of the pages is on disk because of it. */
    private static void frames(PrintWriter out, JsonNode frames) {
        if (!frames.has("used")) {
            return;
        }
        long max = frames.path("max").asLong();
        field(
                out,
                "frames",
                Sizes.human(frames.path("used").asLong()) + (max > 0 ? " of " + Sizes.human(max) : "") + " used");
        JsonNode spillMax = frames.path("spillMax");
        if (spillMax.isNumber() && spillMax.asLong() == 0) {
            return; // nothing may be spilled
        }
        String of = spillMax.isNumber() ? " of " + Sizes.human(spillMax.asLong()) : "";
        String file = Sizes.human(frames.path("spillFile").asLong());
        String where = frames.has("spillDir") ? " in " + frames.path("spillDir").asText() : "";
        field(out, "spilled", Sizes.human(frames.path("spilled").asLong()) + of + ", file of " + file + where);
    }

    /** What was stored away from home; a mapping that is preloaded does not know before it publishes. */
    private static void notHome(PrintWriter out, JsonNode status) {
        if (!status.has("notHomeBytes")) {
            return;
        }
        long here = status.path("notHomeBytes").asLong();
        field(out, "not home", here == 0 ? "nothing" : Sizes.human(here) + " stored on this host");
        Table table = new Table("NOT HOME IN", "OWNER", "ON HOST", "BYTES");
        for (JsonNode entry : status.path("notHome")) {
            JsonNode bytes = entry.path("bytes");
            table.row(
                    entry.path("region").asText(),
                    entry.path("owner").asText(),
                    entry.path("host").asText(),
                    bytes.isNumber()
                            ? Sizes.human(bytes.asLong())
                            : entry.path("reason").asText());
        }
        if (!table.isEmpty()) {
            out.print("\n" + table);
        }
    }

    /** Regions that nobody here maps any more, or whose dsmd stops, while what was written is on its way home. */
    private static void leaving(PrintWriter out, JsonNode leaving) {
        Table table = new Table("ENDING", "HOME", "STATE", "NOT HOME", "OF");
        for (JsonNode end : leaving) {
            table.row(
                    end.path("region").asText(),
                    end.path("home").asText(),
                    end.path("state").asText(),
                    Sizes.human(end.path("bytesLeft").asLong()),
                    Sizes.human(end.path("bytesTotal").asLong()));
        }
        if (!table.isEmpty()) {
            out.print("\n" + table);
        }
    }

    /** Pages that went back to an older state because the host that had written them is gone. */
    private static void losses(PrintWriter out, JsonNode losses) {
        Table table = new Table("LOST IN", "PAGES", "COUNT", "WRITTEN BY", "AT");
        for (JsonNode loss : losses) {
            table.row(
                    loss.path("region").asText(),
                    Sizes.range(loss.path("first").asLong(), loss.path("count").asLong()),
                    loss.path("count").asText(),
                    loss.path("holder").asText(),
                    loss.path("at").asText());
        }
        if (!table.isEmpty()) {
            out.print("\n" + table);
        }
    }

    private static void field(PrintWriter out, String name, String value) {
        out.printf("%-11s %s%n", name, value.isEmpty() ? "-" : value);
    }

    private static String uptime(long ms) {
        Duration up = Duration.ofMillis(ms);
        if (up.toHours() > 0) {
            return up.toHours() + " h " + up.toMinutesPart() + " min";
        }
        return up.toMinutes() > 0 ? up.toMinutes() + " min " + up.toSecondsPart() + " s" : up.toSeconds() + " s";
    }
}
