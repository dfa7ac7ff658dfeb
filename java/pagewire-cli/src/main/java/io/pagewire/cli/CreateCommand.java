package io.pagewire.cli;

import io.pagewire.Pagewire;
import io.pagewire.RegionOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl create}: a new region of zeros, owned by this host.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "create",
        description = "Creates a region filled with zeros. This host becomes its owner.",
        footer = {
            "",
            "Example:  dsmctl create prices --size 64M",
            "Example:  dsmctl create board --size 1M --writers any"
        })
final class CreateCommand extends DaemonCommand {
    @Parameters(paramLabel = "NAME", description = "Name of the region, the same for all hosts of the directory.")
    private String name;

    @Option(
            names = "--size",
            required = true,
            paramLabel = "SIZE",
            converter = Sizes.class,
            description = "Bytes, or a number with K, M, G or T; rounded up to whole pages.")
    private long size;

    @Mixin
    private RegionChoices choices;

    @Override
    public Integer call() {
        if (size <= 0) {
            throw usage("--size must be more than 0");
        }
        RegionOptions options = choices.options();
        try (Pagewire pagewire = connect()) {
            pagewire.create(name, size, options);
            RegionsCommand.printOne(this, pagewire, name, "created");
        }
        return 0;
    }
}
