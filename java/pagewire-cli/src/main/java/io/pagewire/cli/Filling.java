package io.pagewire.cli;

import io.pagewire.MapOptions;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import picocli.CommandLine.Option;

/**
 * How a command maps the region it works on: by page faults, or with all pages in advance.
 *
 * <p>Runs on the main thread only.
 */
final class Filling {
    @Option(
            names = "--preloaded",
            description = "Bring every page and lock it in memory first; no access faults afterwards.")
    private boolean preloaded;

    boolean preloaded() {
        return preloaded;
    }

    /** Maps the region, shows how the filling goes, and passes the warning on. */
    Region map(BaseCommand command, Pagewire pagewire, String name, MapOptions options) {
        try (ProgressBar bar = new ProgressBar("filling " + name)) {
            Region region =
                    pagewire.map(name, preloaded ? options.withPreloaded(true).withProgress(bar) : options);
            region.warning().ifPresent(command::warn);
            return region;
        }
    }
}
