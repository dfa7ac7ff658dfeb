package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.Pagewire;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl pages}: the page table of a region on this host (SPEC: V3), equal neighbours put together.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "pages",
        description = {
            "Shows this host's page table of a region.",
            "Neighbours with the same entry share a line. VALUE is what the bits make of it: a frame "
                    + "(present), a circuit (remote; 0 = the directory) or a disk sector. LOCAL is the right that "
                    + "processes of this host have, COPIES the number of other hosts with a copy (known on the "
                    + "owning host only)."
        },
        footer = {"", "Example:  dsmctl pages prices"})
final class PagesCommand extends DaemonCommand {
    @Parameters(paramLabel = "NAME", description = "Name of the region.")
    private String name;

    @Override
    public Integer call() {
        JsonNode answer;
        try (Pagewire pagewire = connect()) {
            answer = query(pagewire, "pages " + name);
        }
        if (json()) {
            printJson(answer);
        } else {
            out().printf(
                            "%s: %s%n",
                            answer.path("name").asText(name),
                            Sizes.pages(
                                    answer.path("pages").asLong(),
                                    answer.path("pageSize").asLong()));
            out().print(table(answer));
            out().flush();
        }
        return 0;
    }

    static Table table(JsonNode answer) {
        Table table = new Table("PAGES", "COUNT", "BITS", "VALUE", "STATE", "LOCAL", "COPIES");
        for (JsonNode run : answer.path("runs")) {
            long first = run.path("first").asLong();
            long count = run.path("count").asLong();
            StringJoiner bits = new StringJoiner("+");
            run.path("bits").forEach(bit -> bits.add(bit.asText()));
            table.row(
                    "#" + first + (count > 1 ? "-" + (first + count - 1) : ""),
                    count,
                    bits,
                    value(run, count),
                    run.path("state").asText(),
                    run.path("right").asText(),
                    run.has("copies") ? run.path("copies").asText() : "");
        }
        return table;
    }

    private static String value(JsonNode run, long count) {
        String meaning = run.path("meaning").asText();
        long value = run.path("value").asLong();
        boolean counts = count > 1 && meaning.equals("frame");
        return meaning.isEmpty() ? "" : meaning + " " + value + (counts ? "-" + (value + count - 1) : "");
    }
}
