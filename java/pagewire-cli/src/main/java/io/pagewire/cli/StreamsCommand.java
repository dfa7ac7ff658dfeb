package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.Pagewire;
import picocli.CommandLine.Command;

/**
 * {@code dsmctl streams}: the frame streams of the directory, as this host sees them (SPEC: V12).
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "streams",
        description = {
            "Lists the streams of frames.",
            "HERE is what this host is for each: home (the producer runs here), client (it has consumers here) or none. "
                    + "A stream exists as long as its producer."
        },
        footer = {"", "Example:  dsmctl streams --json"})
final class StreamsCommand extends DaemonCommand {
    @Override
    public Integer call() {
        JsonNode answer;
        try (Pagewire pagewire = connect()) {
            answer = query(pagewire, "streams");
        }
        if (json()) {
            printJson(answer);
            return 0;
        }
        Table table = table(answer);
        out().print(table.isEmpty() ? "no streams; make one with: dsmctl stream NAME --in FILE\n" : table);
        out().flush();
        return 0;
    }

    static Table table(JsonNode answer) {
        return new Table("NAME");
    }
}
