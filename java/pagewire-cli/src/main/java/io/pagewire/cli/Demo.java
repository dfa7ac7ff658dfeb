package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.hosts.Actor;
import io.pagewire.cli.hosts.Host;
import io.pagewire.cli.hosts.Latency;
import io.pagewire.cli.hosts.Measurement;
import io.pagewire.cli.hosts.PrivateHosts;
import io.pagewire.cli.hosts.Samples;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The steps of the demo. Each tells what it does, checks what it shows, and adds its figures to the result.
 *
 * <p>Runs on one thread.
 */
final class Demo {
    private static final int NODES = 10_000;
    private static final int COUNTERS = 16;
    private static final int ROUNDS = 200;
    private static final int MEASURED = 1000;

    private final PrivateHosts hosts;
    private final Story story;
    private final Path pictureFile;
    private final ObjectNode result = Json.object();

    private Host a;
    private Host b;
    private Actor onA;
    private Actor onB;

    /** pictureFile: where one picture of the film goes. */
    Demo(PrivateHosts hosts, Story story, Path pictureFile) {
        this.hosts = hosts;
        this.story = story;
        this.pictureFile = pictureFile;
    }

    ObjectNode run() {
        long start = System.nanoTime();
        startHosts();
        JdkImage image = JdkImage.find();
        shareFile(image);
        sharePointers();
        changeValues();
        result.set("film", new MovingPicture(onA, onB, story).show(pictureFile));
        measure(image);
        showCircuits();
        double seconds = (System.nanoTime() - start) / 1e9;
        story.say("");
        story.say(
                "%s after %.1f s. The hosts, their programs and their folder go away now.",
                story.isGood() ? "All well" : "NOT well", seconds);
        return result.put("seconds", Latency.rounded(seconds, 10)).put("ok", story.isGood());
    }

    private void startHosts() {
        story.title("Two hosts");
        a = hosts.startFirst("a");
        b = hosts.startBeside("b", a);
        onA = hosts.actor("a", a);
        onB = hosts.actor("b", b);
        ObjectNode node = result.putObject("hosts");
        for (Host host : new Host[] {a, b}) {
            JsonNode status = host.query("status");
            JsonNode directory = status.path("directory");
            story.say(
                    "host %s: dsmd %d on %s, directory %s%s",
                    host.name(),
                    host.pid(),
                    status.path("listen").asText(),
                    directory.path("connect").asText(),
                    directory.path("embedded").asBoolean() ? " (runs in it)" : "");
            node.putObject(host.name())
                    .put("pid", host.pid())
                    .put("listen", status.path("listen").asText());
        }
    }

    private void shareFile(JdkImage image) {
        story.title("A file by name");
        onA.ask("export", region("modules").put("file", image.path().toString()));
        story.say("a exports %s (%s) as 'modules'", image.path(), Sizes.human(image.size()));
        JsonNode mapped = onB.ask("map", region("modules"));
        story.say(
                "b maps 'modules' at %s: nothing is read yet",
                mapped.path("base").asText());

        ObjectNode few = region("modules");
        few.putArray("pages").add(3).add(1000).add(20_000);
        onB.ask("touch", few);
        story.say("b has loaded one word each of pages 3, 1000 and 20000; its page table now:");
        JsonNode pages = b.query("pages modules");
        story.indent(PagesCommand.table(pages).toString());
        result.set("pageMap", pages);

        JsonNode read = onB.ask("digest", region("modules"));
        double seconds = read.path("ns").asLong() / 1e9;
        story.say(
                "b reads all of it: %s by %d page faults in %.2f s (%.2f GB/s with the digest)",
                Sizes.human(read.path("bytes").asLong()),
                read.path("readFaults").asLong(),
                seconds,
                read.path("bytes").asLong() / 1e9 / seconds);
        String expected = sha256(image.path());
        String actual = read.path("sha256").asText();
        story.say("SHA-256 of the file   %s", expected);
        story.say("SHA-256 of b's memory %s", actual);
        story.check(expected.equals(actual), "the two are equal");
        result.putObject("file")
                .put("path", image.path().toString())
                .put("bytes", read.path("bytes").asLong())
                .put("faults", read.path("readFaults").asLong())
                .put("seconds", Latency.rounded(seconds, 1000))
                .put("sha256", actual)
                .put("equal", expected.equals(actual));
    }

    private void sharePointers() {
        story.title("Plain pointers");
        onA.ask("create", region("list").put("size", 4 << 20));
        JsonNode built = onA.ask("build", region("list").put("nodes", NODES));
        story.say(
                "a builds a list of %d nodes in 4 MiB; each holds the address of the next (%d write faults)",
                NODES, built.path("writeFaults").asLong());
        JsonNode walked = onB.ask("walk", region("list"));
        story.say(
                "b walks it from address to address: %d nodes, sum %d, %d page faults, %.1f ms",
                walked.path("nodes").asLong(),
                walked.path("sum").asLong(),
                walked.path("readFaults").asLong(),
                walked.path("ns").asLong() / 1e6);
        boolean same = walked.path("sum").equals(built.path("sum"))
                && walked.path("nodes").asInt() == NODES;
        story.check(same, "every node and the sum are what a has built");
        ObjectNode node = result.putObject("list")
                .put("nodes", walked.path("nodes").asLong())
                .put("faults", walked.path("readFaults").asLong())
                .put("equal", same);
        CExample.walk(b, "list").ifPresent(line -> {
            story.say("the C example list_walk on b: %s", line);
            boolean agrees = line.contains(built.path("sum").asText());
            story.check(agrees, "the C program finds the same sum");
            node.put("c", agrees);
        });
    }

    private void changeValues() {
        story.title("Values that change");
        onA.ask("create", region("counters").put("size", COUNTERS * 4096));
        ObjectNode all = region("counters");
        all.putArray("pages").add(0);
        onB.ask("touch", all);
        long purges = a.counter("counters", "purges");
        long fetches = b.counter("counters", "fetches");
        CompletableFuture<JsonNode> watching = onB.start(
                "watch",
                region("counters").put("pages", COUNTERS).put("until", ROUNDS).put("deadlineMs", 20_000));
        JsonNode updated =
                onA.ask("update", region("counters").put("pages", COUNTERS).put("rounds", ROUNDS));
        JsonNode watched = join(watching);
        purges = a.counter("counters", "purges") - purges;
        fetches = b.counter("counters", "fetches") - fetches;
        story.say(
                "a stores %d values (%d counters on pages of their own, each from 1 to %d) in %.2f s",
                updated.path("stores").asLong(),
                COUNTERS,
                ROUNDS,
                updated.path("ns").asLong() / 1e9);
        story.say(
                "b reads them all the while: %d loads, %d new values seen, %d older than one seen before",
                watched.path("reads").asLong(),
                watched.path("newValues").asLong(),
                watched.path("backwards").asLong());
        story.say(
                "it took %d purges by a, %d fetches by b, %d write faults and %d read faults",
                purges,
                fetches,
                updated.path("writeFaults").asLong(),
                watched.path("readFaults").asLong());
        story.check(watched.path("complete").asBoolean(), "b has seen the last value of every counter");
        story.check(watched.path("backwards").asLong() == 0, "no counter ever went backwards on b");
        result.putObject("updates")
                .put("stores", updated.path("stores").asLong())
                .put("newValuesSeen", watched.path("newValues").asLong())
                .put("backwards", watched.path("backwards").asLong())
                .put("complete", watched.path("complete").asBoolean())
                .put("purges", purges)
                .put("fetches", fetches)
                .put("writeFaults", updated.path("writeFaults").asLong())
                .put("readFaults", watched.path("readFaults").asLong());
    }

    private void measure(JdkImage image) {
        story.title("What a fault costs");
        Actor second = hosts.actor("b2", b);
        onB.ask("unmap", region("modules"));
        onA.ask("delete", region("modules")); // a file is exported once, and here it is exported anew
        Measurement measurement = new Measurement(onA, onB, second, hosts.floor(), image.path(), image.size());
        measurement.readFaults(2 * MEASURED, new Samples(), new Samples(), new Samples(), new Samples());
        measurement.writeFaults(MEASURED, new Samples(), new Samples());
        Samples remote = new Samples();
        Samples local = new Samples();
        Samples write = new Samples();
        Samples rawPage = new Samples();
        Samples rawSmall = new Samples();
        measurement.readFaults(MEASURED, remote, local, rawPage, rawSmall);
        measurement.writeFaults(MEASURED, write, rawSmall);

        Table table = new Table("FAULT", "COUNT", "P50", "P99", "RAW P50", "RATIO", "RAW IS");
        ObjectNode node = result.putObject("latency");
        figure(
                table,
                node,
                "remoteReadFault",
                "read, page on the other host",
                remote,
                rawPage,
                "4 KiB TCP request/response");
        figure(table, node, "localFault", "read, page on this host", local, rawSmall, "32-byte TCP round trip");
        figure(table, node, "writeFault", "write, one reader elsewhere", write, rawSmall, "32-byte TCP round trip");
        story.indent(table.toString());
        story.say("(a short look; `dsmctl bench` measures longer)");
    }

    private static void figure(
            Table table, ObjectNode node, String key, String label, Samples ours, Samples raw, String what) {
        Latency latency = Latency.of(ours, raw);
        table.row(
                label,
                ours.count(),
                Latency.us(latency.p50us()),
                Latency.us(latency.p99us()),
                Latency.us(latency.rawP50us()),
                String.format(Locale.ROOT, "%.2f", latency.ratio()),
                what);
        node.set(key, latency.json().put("count", ours.count()));
    }

    private void showCircuits() {
        story.title("Circuits of b");
        JsonNode circuits = b.query("circuits");
        story.indent(CircuitsCommand.table(circuits).toString());
        result.set("circuits", circuits.path("circuits"));
    }

    private static String sha256(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] chunk = new byte[1 << 20];
            for (int part = in.read(chunk); part >= 0; part = in.read(chunk)) {
                digest.update(chunk, 0, part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new CommandFailed("cannot read " + file + ": " + Reasons.of(e), e);
        }
    }

    private static JsonNode join(CompletableFuture<JsonNode> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof CommandFailed failed ? failed : e;
        }
    }

    private static ObjectNode region(String name) {
        return Json.object().put("region", name);
    }
}
