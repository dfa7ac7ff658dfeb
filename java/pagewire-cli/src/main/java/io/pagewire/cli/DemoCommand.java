package io.pagewire.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.hosts.PrivateHosts;
import java.io.PrintStream;
import picocli.CommandLine.Command;

/**
 * {@code dsmctl demo}: the main job between two private hosts on this machine.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "demo",
        description = {
            "Shows the main job between two private hosts on this machine.",
            "A large file read by name through page faults, a structure of plain pointers walked on the "
                    + "other host, values that change while the other host reads them. Takes less than a minute "
                    + "and leaves nothing behind."
        },
        footer = {"", "Example:  dsmctl demo"})
final class DemoCommand extends DaemonCommand {
    @Override
    public Integer call() {
        if (dsmctl().socket() != null) {
            throw usage("demo starts hosts of its own; it does not use --socket");
        }
        // With --json the story goes to standard error, so that standard output is JSON and nothing else.
        PrintStream story = json() ? System.err : System.out;
        ObjectNode result;
        try (PrivateHosts hosts = new PrivateHosts()) {
            result = new Demo(hosts, story).run();
        }
        if (json()) {
            printJson(result);
        }
        if (!result.path("ok").asBoolean()) {
            throw new CommandFailed(
                    "the demo ran to its end, but something was not as it must be; see the lines with NOT");
        }
        return 0;
    }
}
