package io.pagewire.cli;

import io.pagewire.Pagewire;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl export}: an existing file becomes a region of this host.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "export",
        description = {
            "Makes a file of this host a region that other hosts map by name.",
            "The file is not copied; do not change it by other means while it is exported."
        },
        footer = {"", "Example:  dsmctl export catalogue /srv/catalogue.dat"})
final class ExportCommand extends DaemonCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the region.")
    private String name;

    @Parameters(index = "1", paramLabel = "FILE", description = "The file; dsmd must be allowed to read it.")
    private Path file;

    @Option(
            names = "--page-size",
            paramLabel = "SIZE",
            defaultValue = "4K",
            converter = Sizes.class,
            description = "A power of two, 4K to 2M. Default: ${DEFAULT-VALUE}.")
    private long pageSize;

    @Override
    public Integer call() {
        int page = PageSize.check(pageSize, this);
        try (Pagewire pagewire = connect()) {
            pagewire.export(name, file.toAbsolutePath(), page);
            RegionsCommand.printOne(this, pagewire, name, "exported");
        }
        return 0;
    }
}
