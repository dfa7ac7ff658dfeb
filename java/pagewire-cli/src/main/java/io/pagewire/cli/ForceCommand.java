package io.pagewire.cli;

import io.pagewire.Pagewire;
import io.pagewire.Region;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl force}: what programs of this host have stored goes to the owner, and to the disk of an exported file.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "force",
        description = {
            "Sends what programs of this host have stored in a region to its owner.",
            "When the command ends with 0 the owner has everything that was stored here before, and an exported file has "
                    + "it on disk. What has not been forced is lost when this host dies."
        },
        footer = {"", "Example:  dsmctl force board"})
final class ForceCommand extends DaemonCommand {
    @Parameters(paramLabel = "NAME", description = "Name of the region.")
    private String name;

    @Override
    public Integer call() {
        try (Pagewire pagewire = connect();
                Region region = pagewire.map(name)) {
            region.force();
            if (json()) {
                printJson(Json.object().put("forced", name).put("bytes", region.size()));
            } else {
                out().println("forced " + name);
            }
        }
        return 0;
    }
}
