package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Option;

/**
 * A command that prints data, and prints it as JSON when it is asked to.
 *
 * <p>Runs on the main thread only.
 */
abstract class DaemonCommand extends BaseCommand {
    @Option(names = "--json", description = "Print the answer as JSON.")
    private boolean json;

    final boolean json() {
        return json;
    }

    final void printJson(JsonNode node) {
        out().println(Json.pretty(node));
    }
}
