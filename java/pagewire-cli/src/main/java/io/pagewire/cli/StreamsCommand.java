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
            "Lists the streams of frames whose producer or consumers are on this host, and who takes their frames.",
            "HERE is what this host is for each: home (the producer runs here) or client (it has consumers here). HOLDS is how "
                    + "many frames a consumer keeps the producer from. A stream exists as long as its producer; "
                    + "`dsmctl regions` shows all names of the directory."
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
        Table streams = table(answer);
        Table consumers = consumers(answer);
        out().print(streams.isEmpty() ? "no streams here; make one with: dsmctl stream NAME --in FILE\n" : streams);
        out().print(consumers.isEmpty() ? "" : "\n" + consumers);
        out().flush();
        return 0;
    }

    static Table table(JsonNode answer) {
        Table table =
                new Table("NAME", "FRAMES", "OF", "HERE", "PRODUCER", "LAST", "KEPT", "DISCARDED", "DROPPED", "STATE");
        for (JsonNode stream : answer.path("streams")) {
            table.row(
                    stream.path("name").asText(),
                    stream.path("frames").asLong(),
                    Sizes.human(stream.path("frameSize").asLong()),
                    stream.path("role").asText(),
                    producer(stream),
                    stream.path("last").asLong(),
                    stream.path("kept").asLong(),
                    stream.path("discarded").asLong(),
                    stream.path("dropped").asLong(),
                    stream.path("state").asText() + (stream.path("waiting").asBoolean() ? ", waits" : ""));
        }
        return table;
    }

    private static String producer(JsonNode stream) {
        String host = stream.path("owner").asText();
        return stream.has("producer") ? program(stream.path("producer")) + " on " + host : "on " + host;
    }

    private static String program(JsonNode process) {
        return process.path("program").asText() + " (" + process.path("pid").asText() + ")";
    }

    static Table consumers(JsonNode answer) {
        Table table = new Table("STREAM", "CONSUMER", "FRAMES", "DELIVERED", "SKIPPED", "HOLDS", "STATE");
        for (JsonNode stream : answer.path("streams")) {
            for (JsonNode consumer : stream.path("consumers")) {
                table.row(
                        stream.path("name").asText(),
                        consumer.has("host") ? "host " + consumer.path("host").asText() : program(consumer),
                        consumer.path("latest").asBoolean() ? "latest" : "all",
                        consumer.path("delivered").asLong(),
                        consumer.path("skipped").asLong(),
                        consumer.path("heldBack").asLong(),
                        consumer.path("state").asText());
            }
        }
        return table;
    }
}
