package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.pagewire.Pagewire;
import picocli.CommandLine.Command;

/**
 * {@code dsmctl regions}: the regions of the directory, as this host sees them.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "regions",
        description = {
            "Lists the regions of the directory.",
            "HERE is what this host is for each: home (it owns the region), client (it has it mapped) or none. "
                    + "WRITERS says whose programs may store: the owner's, or those of any host. TYPE says what the "
                    + "region is made of, and how much of a resident file the owner holds in memory."
        },
        footer = {"", "Example:  dsmctl regions --json"})
final class RegionsCommand extends DaemonCommand {
    @Override
    public Integer call() {
        JsonNode answer;
        try (Pagewire pagewire = connect()) {
            answer = query(pagewire, "regions");
        }
        if (json()) {
            printJson(answer);
            return 0;
        }
        Table table = table(answer);
        out().print(table.isEmpty() ? "no regions; make one with: dsmctl create NAME --size 64M\n" : table);
        out().flush();
        return 0;
    }

    static Table table(JsonNode answer) {
        Table table =
                new Table("NAME", "SIZE", "PAGES", "OF", "BASE", "OWNER", "HERE", "WRITERS", "TYPE", "STATE", "FILE");
        for (JsonNode region : answer.path("regions")) {
            table.row(
                    region.path("name").asText(),
                    Sizes.human(region.path("size").asLong()),
                    region.path("pages").asLong(),
                    Sizes.human(region.path("pageSize").asLong()),
                    region.path("base").asText(),
                    region.path("owner").asText(""),
                    region.path("role").asText(),
                    region.path("writers").asText(""),
                    type(region),
                    region.path("state").asText(),
                    region.path("file").asText(""));
        }
        return table;
    }

    /** {@code created}, {@code file}, or {@code file, resident 37%} where the owner holds so much of it in memory. */
    private static String type(JsonNode region) {
        if (!region.has("file")) {
            return region.path("kind").asText();
        }
        if (!region.path("resident").asBoolean()) {
            return "file";
        }
        if (!region.has("residentBytes")) {
            return "file, resident";
        }
        long size = region.path("size").asLong();
        long resident = region.path("residentBytes").asLong();
        // Rounded down: 100% is said of the whole alone.
        String type = "file, resident " + (size == 0 || resident >= size ? 100 : resident * 100 / size) + "%";
        boolean loose = region.has("lockedBytes") && region.path("lockedBytes").asLong() < Math.min(size, resident);
        return loose ? type + ", not locked" : type;
    }

    /** What dsmd says of one region; a missing node when it knows none of that name. */
    static JsonNode find(Pagewire pagewire, String name) {
        for (JsonNode region : query(pagewire, "regions").path("regions")) {
            if (region.path("name").asText().equals(name)) {
                return region;
            }
        }
        return MissingNode.getInstance();
    }

    /** Shows the region that a command has just made. */
    static void printOne(DaemonCommand command, Pagewire pagewire, String name, String done) {
        JsonNode region = find(pagewire, name);
        if (region.isMissingNode()) {
            throw new CommandFailed("region '" + name + "' was " + done + ", but dsmd does not list it any more");
        }
        if (command.json()) {
            command.printJson(region);
            return;
        }
        command.out()
                .printf(
                        "%s %s: %s, %s at %s%s%n",
                        done,
                        name,
                        Sizes.human(region.path("size").asLong()),
                        Sizes.pages(
                                region.path("pages").asLong(),
                                region.path("pageSize").asLong()),
                        region.path("base").asText(),
                        region.path("writers").asText().equals("any") ? ", written by any host" : "");
    }
}
