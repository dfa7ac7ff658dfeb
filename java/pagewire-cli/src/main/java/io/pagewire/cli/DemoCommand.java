package io.pagewire.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.hosts.PrivateHosts;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
                    + "other host, values that change while the other host reads them, a moving picture of 10 seconds whose "
                    + "every pixel the other host looks at. Takes less than a minute and leaves nothing behind but one "
                    + "picture of the film."
        },
        footer = {"", "Example:  dsmctl demo"})
final class DemoCommand extends DaemonCommand {
    @Option(
            names = "--picture",
            paramLabel = "FILE",
            defaultValue = "pagewire-demo.png",
            description =
                    "Where to write one picture of the film, as a PNG. Default: pagewire-demo.png in this directory.")
    private Path picture;

    @Override
    public Integer call() {
        if (dsmctl().socket() != null) {
            throw usage("demo starts hosts of its own; it does not use --socket");
        }
        Path file = picture.toAbsolutePath();
        if (Files.isDirectory(file) || !Files.isWritable(Files.exists(file) ? file : file.getParent())) {
            throw usage("cannot write " + file + ": name another file with --picture");
        }
        // With --json the story goes to standard error, so that standard output is JSON and nothing else.
        Story story = new Story(json() ? System.err : System.out);
        ObjectNode result;
        try (PrivateHosts hosts = new PrivateHosts()) {
            result = new Demo(hosts, story, file).run();
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
