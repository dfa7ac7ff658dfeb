package io.pagewire.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.MapOptions;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.RegionEvent;
import io.pagewire.RegionStats;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl map}: keeps a region mapped, so that its pages stay on this host, and tells what happens to it.
 *
 * <p>The main thread waits; events come from a thread of the library.
 */
@Command(
        name = "map",
        description = {
            "Keeps a region mapped on this host until the time is over, or without --for until Ctrl-C or the end of "
                    + "standard input.",
            "Pages that programs bring to this host stay here meanwhile. With --preloaded all of them are brought at once, "
                    + "and with --period dsmd sends the changes of this host to the owner and gets those of the others "
                    + "that often. Prints a line at the start and the end, and one for pages that are lost."
        },
        footer = {"", "Example:  dsmctl map prices --preloaded --period 500ms"})
final class MapCommand extends DaemonCommand {
    @Parameters(paramLabel = "NAME", description = "Name of the region.")
    private String name;

    @Mixin
    private Filling filling;

    @Option(
            names = "--period",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "With --preloaded: how often to publish and refresh, such as 500ms; at most 24h.")
    private Duration period;

    @Option(names = "--read-only", description = "A mapping that never stores.")
    private boolean readOnly;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "End after that long, such as 10s, and do not read standard input.")
    private Duration time;

    @Override
    public Integer call() throws InterruptedException {
        MapOptions options = options();
        try (Ending ending = new Ending();
                Pagewire pagewire = connect();
                Region region = filling.map(this, pagewire, name, options)) {
            long start = System.nanoTime();
            region.addListener(this::tell);
            begun(pagewire, region);
            if (time == null) {
                ending.withEndOf(System.in);
            }
            ending.await(time);
            ended(region.stats(), (System.nanoTime() - start) / 1e9);
        }
        return 0;
    }

    private MapOptions options() {
        MapOptions options = MapOptions.defaults().withReadOnly(readOnly);
        if (period == null) {
            return options;
        }
        if (!filling.preloaded()) {
            throw usage("--period needs --preloaded: other mappings see every change at once");
        }
        try {
            return options.withPeriod(period);
        } catch (IllegalArgumentException e) {
            throw usage("--period must be from 1ms to 24h");
        }
    }

    private void begun(Pagewire pagewire, Region region) {
        boolean resident = RegionsCommand.find(pagewire, name).path("resident").asBoolean();
        int type = SharingType.of(region.isPreloaded(), resident);
        if (json()) {
            print(event("mapped")
                    .put("address", "0x" + Long.toHexString(region.address()))
                    .put("size", region.size())
                    .put("pageSize", region.pageSize())
                    .put("home", region.isHome())
                    .put("sharingType", type)
                    .put("engine", region.engine()));
            return;
        }
        out().printf(
                        "mapped %s at 0x%x: %s, type %s, %s%n",
                        name,
                        region.address(),
                        Sizes.human(region.size()),
                        SharingType.words(type),
                        region.isHome() ? "this host owns it" : "another host owns it");
        out().flush();
    }

    private void tell(RegionEvent event) {
        if (event.kind() != RegionEvent.Kind.LOST) {
            return;
        }
        if (json()) {
            print(event("lost")
                    .put("first", event.page())
                    .put("count", event.pageCount())
                    .put("at", now()));
        } else {
            out().println(now() + " lost pages " + Sizes.range(event.page(), event.pageCount())
                    + ": they are as their owner has them, because the host that had written them is gone");
            out().flush();
        }
    }

    private void ended(RegionStats stats, double seconds) {
        if (json()) {
            print(event("unmapped")
                    .put("seconds", Math.round(seconds * 1000) / 1000.0)
                    .put("readFaults", stats.readFaults())
                    .put("writeFaults", stats.writeFaults())
                    .put("failedFaults", stats.failedFaults())
                    .put("revokes", stats.revokes())
                    .put("handlerEntries", stats.handlerEntries())
                    .put("lostPages", stats.lostPages()));
            return;
        }
        out().printf(
                        Locale.ROOT,
                        "unmapped %s after %.1f s: %d read faults, %d write faults, %d failed, %d revokes, handler entered "
                                + "%d times, %d pages lost%n",
                        name,
                        seconds,
                        stats.readFaults(),
                        stats.writeFaults(),
                        stats.failedFaults(),
                        stats.revokes(),
                        stats.handlerEntries(),
                        stats.lostPages());
        out().flush();
    }

    private ObjectNode event(String what) {
        return Json.object().put("event", what).put("region", name);
    }

    /** One object a line, so that a program can read them as they come. */
    private synchronized void print(ObjectNode event) {
        out().println(Json.line(event));
        out().flush();
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
