package io.pagewire.cli;

import io.pagewire.Pagewire;
import io.pagewire.RegionOptions;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            "The file is not copied; do not change it by other means while it is exported.",
            "One dsmd exports a file once, whatever link or mount leads to it; do not export it by two of one machine."
        },
        footer = {
            "",
            "Example:  dsmctl export catalogue /srv/catalogue.dat",
            "Example:  dsmctl export index /srv/index.dat --resident"
        })
final class ExportCommand extends DaemonCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the region.")
    private String name;

    @Parameters(index = "1", paramLabel = "FILE", description = "The file; dsmd must be allowed to read it.")
    private Path file;

    @Mixin
    private RegionChoices choices;

    @Option(
            names = "--resident",
            description = "Read the whole file in advance and lock it in memory, so that no reader waits for the disk; "
                    + "the command ends when that is done.")
    private boolean resident;

    @Override
    public Integer call() {
        RegionOptions options = choices.options().withResident(resident);
        try (Pagewire pagewire = connect()) {
            try (ProgressBar bar = new ProgressBar("reading " + file)) {
                pagewire.export(name, file.toAbsolutePath(), resident ? options.withProgress(bar) : options)
                        .ifPresent(this::warn);
            }
            RegionsCommand.printOne(this, pagewire, name, "exported");
        }
        return 0;
    }
}
