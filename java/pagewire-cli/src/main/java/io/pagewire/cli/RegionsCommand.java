package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.pagewire.Pagewire;
import io.pagewire.RegionNotFoundException;
import java.util.Iterator;
import java.util.NoSuchElementException;
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
    /** Regions in an answer: some hundred KiB of text. */
    private static final int PAGE = 1000;

    @Override
    public Integer call() {
        try (Pagewire pagewire = connect()) {
            if (json()) {
                Json.prettyList(out(), "regions", pages(pagewire));
            } else {
                print(pages(pagewire));
            }
        }
        out().flush();
        return 0;
    }

    private void print(Iterator<JsonNode> pages) {
        Table table = newTable();
        boolean any = false;
        while (pages.hasNext() && !out().checkError()) { // a reader that has seen enough goes
            addTo(table, pages.next());
            any |= !table.isEmpty();
            out().print(table.isEmpty() ? "" : table.take());
            out().flush();
        }
        out().print(any ? "" : "no regions; make one with: dsmctl create NAME --size 64M\n");
    }

    /** The list of all regions as dsmd gives it, a part at a time. */
    private static Iterator<JsonNode> pages(Pagewire pagewire) {
        return new Iterator<>() {
            private String next = "";

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public JsonNode next() {
                if (next == null) {
                    throw new NoSuchElementException();
                }
                JsonNode page = query(pagewire, ("regions " + PAGE + " " + next).strip());
                next = page.has("next") ? page.path("next").asText() : null;
                return page.path("regions");
            }
        };
    }

    static Table table(JsonNode answer) {
        Table table = newTable();
        addTo(table, answer.path("regions"));
        return table;
    }

    private static Table newTable() {
        return new Table("NAME", "SIZE", "PAGES", "OF", "BASE", "OWNER", "HERE", "WRITERS", "TYPE", "STATE", "FILE");
    }

    private static void addTo(Table table, JsonNode regions) {
        for (JsonNode region : regions) {
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
        try {
            return query(pagewire, "region " + name);
        } catch (RegionNotFoundException e) {
            return MissingNode.getInstance();
        }
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
