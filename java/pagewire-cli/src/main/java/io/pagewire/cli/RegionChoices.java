package io.pagewire.cli;

import io.pagewire.RegionOptions;
import io.pagewire.Writers;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What {@code create} and {@code export} let the user choose alike.
 *
 * <p>Runs on the main thread only.
 */
final class RegionChoices {
    private static final long LEAST_PAGE = 4096;
    private static final long MOST_PAGE = 2 << 20;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--page-size",
            paramLabel = "SIZE",
            defaultValue = "4K",
            converter = Sizes.class,
            description = "A power of two, 4K to 2M. Default: ${DEFAULT-VALUE}.")
    private long pageSize;

    @Option(
            names = "--writers",
            paramLabel = "owner|any",
            defaultValue = "owner",
            description =
                    "Whose programs may store: those of this host only (owner), or those of any host, one host at a "
                            + "time for each page (any). Default: ${DEFAULT-VALUE}.")
    private String writers;

    /** The choices, or the command's usage error. */
    RegionOptions options() {
        if (pageSize < LEAST_PAGE || pageSize > MOST_PAGE || Long.bitCount(pageSize) != 1) {
            throw usage("--page-size " + Sizes.human(pageSize) + " is not a power of two from 4 KiB to 2 MiB");
        }
        Writers who = switch (writers) {
            case "owner" -> Writers.OWNER;
            case "any" -> Writers.ANY;
            default -> throw usage("--writers '" + writers + "' is neither owner nor any");
        };
        return RegionOptions.defaults().withPageSize((int) pageSize).withWriters(who);
    }

    private ParameterException usage(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
