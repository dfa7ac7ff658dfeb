package io.pagewire.cli;

import io.pagewire.Pagewire;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl delete}: forgets a region everywhere, or ends a stream.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "delete",
        description = {
            "Forgets a region that this host owns. Mappings of it fail from then on; when the command ends, no program of"
                    + " this host can store into it any more.",
            "An exported file stays as it is; what other hosts have written to it and not forced is not in it. A stream whose producer is on this host ends; all its programs are told."
        },
        footer = {"", "Example:  dsmctl delete prices"})
final class DeleteCommand extends DaemonCommand {
    @Parameters(paramLabel = "NAME", description = "Name of the region or stream.")
    private String name;

    @Override
    public Integer call() {
        try (Pagewire pagewire = connect()) {
            pagewire.delete(name);
        }
        if (json()) {
            printJson(Json.object().put("deleted", name));
        } else {
            out().println("deleted " + name);
        }
        return 0;
    }
}
