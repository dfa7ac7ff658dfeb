package io.pagewire.cli.actor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.Pagewire;
import io.pagewire.PagewireException;
import io.pagewire.Region;
import io.pagewire.RegionOptions;
import io.pagewire.Writers;
import io.pagewire.cli.CommandFailed;
import io.pagewire.cli.Dsmctl;
import io.pagewire.cli.Json;
import io.pagewire.wire.Reasons;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * The hidden command behind the demo's and the benchmark's application processes: connects to its host, reads one task a line
 * ({@code {"do":"walk","region":"list"}}), answers one line ({@code {"nodes":10000,…}} or {@code {"error":"…"}}), and ends
 * with its standard input.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "actor",
        hidden = true,
        description = "Does what standard input tells it; used by demo and bench.",
        footer = {"", "Example:  echo '{\"do\":\"map\",\"region\":\"prices\"}' | dsmctl actor reader"})
public final class ActorCommand implements Callable<Integer> {
    @ParentCommand
    private Dsmctl dsmctl;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    @Parameters(paramLabel = "NAME", description = "What to call this process in answers.")
    private String name;

    private final Map<String, Region> regions = new HashMap<>();
    private final FrameEnds frames = new FrameEnds();
    private Pagewire pagewire;

    @Override
    public Integer call() throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(Json.line(answer(Json.parse("standard input", line))));
            }
        } finally {
            regions.values().forEach(Region::close);
            frames.close();
            if (pagewire != null) {
                pagewire.close();
            }
        }
        return 0;
    }

    private ObjectNode answer(JsonNode task) {
        try {
            if (pagewire == null) {
                pagewire = dsmctl.connect();
            }
            return run(task);
        } catch (PagewireException | CommandFailed | IllegalArgumentException | UncheckedIOException e) {
            return Json.object()
                    .put("error", Reasons.of(e))
                    .put("kind", e.getClass().getSimpleName());
        }
    }

    private ObjectNode run(JsonNode task) {
        String region = task.path("region").asText();
        switch (task.path("do").asText()) {
            case "create":
                boolean any = task.path("writers").asText().equals("any");
                pagewire.create(
                        region,
                        task.path("size").asLong(),
                        RegionOptions.defaults().withWriters(any ? Writers.ANY : Writers.OWNER));
                return Json.object();
            case "export":
                pagewire.export(region, Path.of(task.path("file").asText()), 4096);
                return Json.object();
            case "delete":
                unmap(region);
                pagewire.delete(region);
                return Json.object();
            case "unmap":
                unmap(region);
                return Json.object();
            case "map":
                return geometry(map(region));
            case "digest":
                return Reading.digest(map(region));
            case "scan":
                return Reading.scan(map(region), task);
            case "touch":
                return Reading.touch(map(region), task);
            case "fill":
                return Writing.fill(map(region));
            case "store":
                return Writing.store(map(region), task);
            case "turns":
                return Writing.turns(map(region), task);
            case "update":
                return Writing.update(map(region), task);
            case "watch":
                return Reading.watch(map(region), task);
            case "build":
                return PointerList.build(map(region), task);
            case "walk":
                return PointerList.walk(map(region));
            case "draw":
                return Film.draw(pagewire, task);
            case "look":
                return Film.look(pagewire, task);
            default:
                return frames.run(pagewire, task);
        }
    }

    private Region map(String region) {
        return regions.computeIfAbsent(region, pagewire::map);
    }

    private void unmap(String region) {
        Region mapped = regions.remove(region);
        if (mapped != null) {
            mapped.close();
        }
    }

    private static ObjectNode geometry(Region region) {
        return Json.object()
                .put("base", "0x" + Long.toHexString(region.address()))
                .put("size", region.size())
                .put("pageSize", region.pageSize())
                .put("engine", region.engine());
    }
}
