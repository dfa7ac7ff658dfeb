package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.Pagewire;
import java.time.Duration;
import java.util.Stack;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl pages}: the page table of a region on this host (SPEC: V3), equal neighbours put together, or as a map with one
 * character a page; once or again and again.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "pages",
        description = {
            "Shows this host's page table of a region.",
            "Neighbours with the same entry share a line. BITS says where a page is: present, in progress "
                    + "(on its way into its frame), on disk or remote host. VALUE is what the bits make of it: the "
                    + "frame (present), the circuit to whoever has it (remote; 0 = the directory) or the disk's "
                    + "sector (0 = never written). LOCAL is the right that processes of this host have, COPIES the "
                    + "number of other hosts with a copy (known on the owning host only).",
            "With --map one character stands for one page, or for so many that the map fits 32 lines."
        },
        footer = {"", "Example:  dsmctl pages prices --map --watch"})
final class PagesCommand extends DaemonCommand {
    /** Lines of the table that a terminal is shown while it is watched. */
    private static final int WATCHED_LINES = 40;

    @Parameters(paramLabel = "NAME", description = "Name of the region.")
    private String name;

    @Option(names = "--map", description = "Draw a map instead of the table.")
    private boolean map;

    @Option(
            names = "--watch",
            paramLabel = "SECONDS",
            arity = "0..1",
            parameterConsumer = Every.class,
            description = "Show it again so often, until Ctrl-C; 1 second when no number is given. A terminal is drawn "
                    + "over, elsewhere an empty line stands between.")
    private Duration watch;

    @Option(names = "--count", paramLabel = "N", description = "With --watch: end after so many times.")
    private Integer count;

    @Override
    public Integer call() throws InterruptedException {
        if (count != null && watch == null) {
            throw usage("--count needs --watch");
        }
        if (count != null && count < 1) {
            throw usage("--count must be at least 1");
        }
        long times = watch == null ? 1 : count == null ? Long.MAX_VALUE : count;
        try (Pagewire pagewire = connect()) {
            Redraw redraw = new Redraw(out(), watch != null && Terminal.out());
            boolean read = redraw.show(text(query(pagewire, "pages " + name), redraw.inPlace()));
            for (long done = 1; read && done < times; done++) {
                Thread.sleep(watch.toMillis());
                read = redraw.show(text(query(pagewire, "pages " + name), redraw.inPlace()));
            }
        }
        return 0;
    }

    private String text(JsonNode answer, boolean cut) {
        if (json()) {
            return Json.pretty(answer) + "\n";
        }
        String title = answer.path("name").asText(name) + ": "
                + Sizes.pages(
                        answer.path("pages").asLong(), answer.path("pageSize").asLong())
                + "\n";
        if (map) {
            return title + PageMap.of(answer);
        }
        String text = title + table(answer, cut ? WATCHED_LINES : Integer.MAX_VALUE);
        int more = answer.path("runs").size() - WATCHED_LINES;
        if (cut && more > 0) {
            text += "... and " + more + " lines more; --map shows all in less room\n";
        }
        if (answer.has("cutAt")) {
            text += "the table is too long to be shown whole; it ends before page #"
                    + answer.path("cutAt").asLong() + "\n";
        }
        return text;
    }

    static Table table(JsonNode answer) {
        return table(answer, Integer.MAX_VALUE);
    }

    /** Takes the number after {@code --watch} when there is one, and leaves a name there alone. */
    static final class Every implements IParameterConsumer {
        private static final Duration UNLESS_SAID = Duration.ofSeconds(1);

        @Override
        public void consumeParameters(Stack<String> args, ArgSpec option, CommandSpec command) {
            boolean said = !args.isEmpty() && Durations.matches(args.peek());
            try {
                option.setValue(said ? Durations.parse(args.pop()) : UNLESS_SAID);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(command.commandLine(), "--watch: " + e.getMessage());
            }
        }
    }

    private static Table table(JsonNode answer, int most) {
        Table table = new Table("PAGES", "COUNT", "BITS", "VALUE", "STATE", "LOCAL", "COPIES");
        int lines = 0;
        for (JsonNode run : answer.path("runs")) {
            if (++lines > most) {
                break;
            }
            long first = run.path("first").asLong();
            long count = run.path("count").asLong();
            table.row(
                    Sizes.range(first, count),
                    count,
                    bits(run),
                    value(run, count),
                    run.path("state").asText(),
                    run.path("right").asText(),
                    run.has("copies") ? run.path("copies").asText() : "");
        }
        return table;
    }

    /** The entry's bits in the words of SPEC V3. */
    private static String bits(JsonNode run) {
        StringJoiner bits = new StringJoiner(", ");
        for (JsonNode bit : run.path("bits")) {
            bits.add(
                    switch (bit.asText()) {
                        case "inProgress" -> "in progress";
                        case "disk" -> "on disk";
                        case "remote" -> "remote host";
                        default -> bit.asText();
                    });
        }
        return bits.toString();
    }

    /** The entry's one value with its meaning: frames and sectors count up along a run, a circuit is the same for all of it. */
    private static String value(JsonNode run, long count) {
        String meaning = run.path("meaning").asText();
        long value = run.path("value").asLong();
        if (meaning.isEmpty()) {
            return "";
        }
        if (value == 0 && meaning.equals("sector")) {
            return "sector 0 (never written)";
        }
        if (value == 0 && meaning.equals("circuit")) {
            return "circuit 0 (directory)";
        }
        boolean counts = count > 1 && !meaning.equals("circuit");
        return meaning + " " + value + (counts ? "-" + (value + count - 1) : "");
    }
}
