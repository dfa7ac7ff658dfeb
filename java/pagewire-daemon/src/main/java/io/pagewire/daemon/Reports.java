package io.pagewire.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.channel.EventLoop;
import io.pagewire.daemon.circuit.EventLoops;
import io.pagewire.daemon.config.FrameSettings;
import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionPage;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.local.StreamEnd;
import io.pagewire.daemon.region.Losses;
import io.pagewire.daemon.region.NotHomeReport;
import io.pagewire.daemon.region.PreloadedReport;
import io.pagewire.daemon.region.PreloadedRuntime;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.region.RegionReport;
import io.pagewire.daemon.region.RegionRuntime;
import io.pagewire.daemon.stream.StreamReport;
import io.pagewire.daemon.stream.StreamRuntime;
import io.pagewire.daemon.stream.StreamTable;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Answers questions about the daemon in JSON: status, regions, frame streams, circuits, the pages of a region, why a fault
 * failed or an end of a stream waits. What belongs to a region or a stream is asked on its loop. "regions" lists the streams of
 * the directory, too, with kind "stream", a page at a time; "region" tells of one; "circuits" lists theirs with sharing types 5 and 6; "streams" lists those that are
 * served or used here. Blocks; runs on the slow threads.
 *
 * <p>Safe for use by any thread that may block.
 */
final class Reports {
    private static final int PATIENCE_S = 5;

    /** Regions that are asked in one turn of their loop, which serves faults too. */
    private static final int IN_A_TURN = 100;

    /** Regions in an answer that asks for no number of them, and in the largest. */
    private static final int PAGE = 1000;

    private static final int LARGEST_PAGE = 5000;

    /** An answer ends behind so many bytes; paths may be long, and programs take messages of 16 MiB. */
    private static final long PAGE_BYTES = 4 << 20;

    private final RegionContext context;
    private final RegionTable table;
    private final StreamTable streams;
    private final EventLoops loops;
    private final DaemonInfo info;
    private final ObjectMapper json = new ObjectMapper();
    private final long startedNs = System.nanoTime();

    Reports(RegionContext context, RegionTable table, StreamTable streams, EventLoops loops, DaemonInfo info) {
        this.context = context;
        this.table = table;
        this.streams = streams;
        this.loops = loops;
        this.info = info;
    }

    String answer(String question) throws RequestException, DirectoryException, JsonProcessingException {
        String[] words = question.split(" ", 2);
        ObjectNode answer = switch (words[0]) {
            case "status" -> status();
            case "regions" -> regions(words.length > 1 ? words[1] : "");
            case "region" -> region(words.length > 1 ? words[1] : "");
            case "circuits" -> circuits();
            case "streams" -> streams();
            case "pages" -> pages(words.length > 1 ? words[1] : "");
            case "why" -> why(words.length > 1 ? words[1] : "");
            default ->
                throw new RequestException(LocalStatus.INVALID_ARGUMENT, "dsmd has no answer to \"" + words[0] + "\"");
        };
        return json.writeValueAsString(answer);
    }

    private ObjectNode status() throws RequestException {
        ObjectNode node = json.createObjectNode();
        node.put("host", context.host());
        node.put("version", info.version());
        node.put("session", Long.toHexString(context.session()));
        node.put("pid", ProcessHandle.current().pid());
        node.put("java", System.getProperty("java.version"));
        node.put("uptimeMs", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs));
        node.put("listen", info.listen());
        node.put("socket", context.settings().socket().toString());
        node.put("data", context.settings().data().toString());
        ObjectNode directory = node.putObject("directory");
        directory.put("connect", context.directory().connectString());
        directory.put("embedded", context.directory().embedded());
        directory.put("state", info.directoryState());
        ArrayNode mappings = node.putArray("mappings");
        for (Mapping mapping : context.mappings()) {
            if (mapping.side() instanceof RegionRuntime region) {
                ObjectNode entry = mappings.addObject();
                entry.put("region", region.record().name());
                entry.put("pid", mapping.process().pid());
                entry.put("uid", mapping.process().uid());
                entry.put("program", mapping.process().program());
                entry.put("lines", on(region.loop(), mapping::lineCount));
            }
        }
        ArrayNode losses = node.putArray("losses");
        for (Losses.Loss loss : context.losses().newest()) {
            ObjectNode entry = losses.addObject();
            entry.put("region", loss.region());
            entry.put("first", loss.first());
            entry.put("count", loss.count());
            entry.put("holder", loss.holder());
            entry.put("at", loss.at().toString());
        }
        notHome(node);
        ArrayNode leaving = node.putArray("leaving");
        onEach(table.all(), region -> {
            ObjectNode holder = json.createObjectNode();
            if (RegionReport.leaving(holder, region)) {
                leaving.add(holder.get("leaving"));
            }
        });
        node.put("regions", table.homes().size() + table.clients().size());
        node.put("streams", streams.all().size());
        node.set("counters", counters());
        frames(node);
        node.put(
                "preloadedBytes",
                table.preloaded().stream()
                        .mapToLong(PreloadedRuntime::frameBytes)
                        .sum());
        node.put("pageTableBytes", context.tables().taken());
        node.set("loops", loopFigures());
        return node;
    }

    /** What was stored on hosts that do not own the region, and is not at home. */
    private void notHome(ObjectNode status) throws RequestException {
        ArrayNode list = json.createArrayNode();
        onEach(table.all(), region -> NotHomeReport.add(list, region, context.host()));
        long here = 0;
        for (JsonNode entry : list) {
            here += entry.path("host").asText().equals(context.host())
                    ? entry.path("bytes").asLong()
                    : 0;
        }
        status.put("notHomeBytes", here);
        status.set("notHome", list);
    }

    /** How the memory that is bounded is used, in bytes; nothing of it when there is no bound. */
    private void frames(ObjectNode status) {
        FrameSettings settings = context.settings().frames();
        if (settings.limited()) {
            ObjectNode frames = status.putObject("frames");
            frames.put("max", settings.maxBytes());
            frames.put("used", context.memory().budgets().used());
            frames.put("spillMax", settings.spillMaxBytes() < 0 ? null : settings.spillMaxBytes());
            frames.put("spilled", context.memory().space().spilled());
            frames.put("spillFile", context.memory().space().fileBytes());
            frames.put("spillDir", settings.spillDir().toString());
        }
        status.putObject("memory")
                .put(
                        "heapUsed",
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }

    private ObjectNode counters() throws RequestException {
        ObjectNode sum = json.createObjectNode();
        onEach(
                table.all(),
                region -> RegionReport.counters(json.createObjectNode(), region)
                        .properties()
                        .forEach(field -> sum.put(
                                field.getKey(),
                                sum.path(field.getKey()).asLong()
                                        + field.getValue().asLong())));
        return sum;
    }

    private ArrayNode loopFigures() throws RequestException {
        ArrayNode figures = json.createArrayNode();
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Map<EventLoop, Long> faults = new HashMap<>();
        onEach(table.all(), region -> faults.merge(region.loop(), RegionReport.faults(region), Long::sum));
        for (int i = 0; i < loops.count(); i++) {
            ObjectNode loop = figures.addObject();
            loop.put("index", i);
            loop.put(
                    "allocatedBytes",
                    on(
                            loops.loop(i),
                            () -> threads.getThreadAllocatedBytes(
                                    Thread.currentThread().getId())));
            loop.put("faults", faults.getOrDefault(loops.loop(i), 0L));
        }
        return figures;
    }

    /** "[LIMIT [NAME]]": so many at most, those after that name. What there is more is after the name in "next". */
    private ObjectNode regions(String arguments) throws RequestException, DirectoryException, JsonProcessingException {
        String[] words = arguments.split(" ", 2);
        int limit = PAGE;
        try {
            limit = words[0].isEmpty() ? PAGE : Integer.parseInt(words[0]);
        } catch (NumberFormatException e) {
            limit = 0;
        }
        if (limit < 1) {
            throw new RequestException(
                    LocalStatus.INVALID_ARGUMENT, "regions needs a number of regions, not \"" + words[0] + "\"");
        }
        RegionPage page =
                Futures.get(context.directory().list(words.length > 1 ? words[1] : "", Math.min(limit, LARGEST_PAGE)));
        Map<Integer, OwnerRecord> owners = ownersOf(page.regions());
        ObjectNode node = json.createObjectNode();
        ArrayNode list = node.putArray("regions");
        String next = page.next();
        long bytes = 0;
        for (RegionRecord record : page.regions()) {
            if (bytes > PAGE_BYTES) {
                next = list.get(list.size() - 1).path("name").asText();
                break;
            }
            ObjectNode entry = list.addObject();
            describe(entry, record, owners.get(record.id()));
            bytes += json.writeValueAsBytes(entry).length;
        }
        if (next != null) {
            node.put("next", next);
        }
        return node;
    }

    private ObjectNode region(String name) throws RequestException, DirectoryException {
        RegionRecord record = Futures.get(context.directory().lookup(name));
        ObjectNode entry = json.createObjectNode();
        describe(entry, record, ownersOf(List.of(record)).get(record.id()));
        return entry;
    }

    /** Those of regions that are not known here: whether they can be had is known to the directory only. */
    private Map<Integer, OwnerRecord> ownersOf(List<RegionRecord> records) throws DirectoryException {
        List<Integer> unknown = new ArrayList<>();
        for (RegionRecord record : records) {
            boolean known = table.find(record.id()) != null || table.lost(record.id()) != null;
            if (record.isStream() || !known) {
                unknown.add(record.id());
            }
        }
        return unknown.isEmpty() ? Map.of() : Futures.get(context.directory().owners(unknown));
    }

    /** @param owner null for none, or when it was known here */
    private void describe(ObjectNode entry, RegionRecord record, OwnerRecord owner) throws RequestException {
        RegionReport.describe(entry, record);
        RegionRuntime region = table.find(record.id());
        RegionTable.LostRegion lost = table.lost(record.id());
        PreloadedRuntime preloaded = table.preloaded(record.id());
        if (preloaded != null) {
            on(preloaded.loop(), () -> PreloadedReport.describe(entry.putObject("preloaded"), preloaded));
        }
        if (record.isStream()) {
            boolean home = streams.home(record.id()) != null;
            entry.put("role", home ? "home" : streams.consumes(record.id()) ? "client" : "none");
            describeOwner(entry, owner);
        } else if (region != null) {
            on(region.loop(), () -> RegionReport.describe(entry, region));
        } else if (lost != null) {
            entry.put("role", "home").put("state", "lost").put("reason", lost.reason());
        } else {
            entry.put("role", "none");
            describeOwner(entry, owner);
        }
    }

    private ObjectNode streams() throws RequestException {
        ObjectNode node = json.createObjectNode();
        ArrayNode list = node.putArray("streams");
        for (StreamRuntime stream : streams.all()) {
            on(stream.loop(), () -> StreamReport.describe(list.addObject(), stream));
        }
        return node;
    }

    private static void describeOwner(ObjectNode entry, OwnerRecord owner) {
        if (owner == null) {
            entry.put("state", "no-owner");
        } else {
            entry.put("state", owner.lost() ? "lost" : "ok");
            entry.put("epoch", owner.epoch());
        }
    }

    private ObjectNode circuits() throws RequestException {
        ObjectNode node = json.createObjectNode();
        ArrayNode list = node.putArray("circuits");
        onEach(table.all(), region -> RegionReport.circuits(list, region));
        for (StreamRuntime stream : streams.all()) {
            on(stream.loop(), () -> StreamReport.circuits(list, stream));
        }
        return node;
    }

    private ObjectNode pages(String name) throws RequestException, DirectoryException {
        RegionRecord record = Futures.get(context.directory().lookup(name));
        if (record.isStream()) {
            throw new RequestException(
                    LocalStatus.INVALID_ARGUMENT,
                    name + " is a frame stream, which has no page table; `dsmctl streams` shows it");
        }
        RegionRuntime region = table.find(record.id());
        if (region == null) {
            throw new RequestException(
                    LocalStatus.UNKNOWN_REGION,
                    "region " + name + " is not mapped on host " + context.host()
                            + ", so there is no page table of it");
        }
        return on(region.loop(), () -> RegionReport.pages(json.createObjectNode(), region));
    }

    /** "TOKEN CAUSE": what is known about failures of this cause in the mapping's region, or about this end of a stream. */
    private ObjectNode why(String arguments) throws RequestException {
        String[] words = arguments.trim().split(" ");
        Mapping mapping = null;
        StreamEnd end = null;
        FaultCause cause = FaultCause.PROTOCOL;
        try {
            long token = Long.parseUnsignedLong(words[0]);
            mapping = context.mapping(token);
            end = streams.end(token);
            cause = FaultCause.of(words.length > 1 ? Integer.parseInt(words[1]) : 0);
        } catch (NumberFormatException e) {
            throw new RequestException(LocalStatus.INVALID_ARGUMENT, "why needs a token and a cause in decimal");
        }
        if (end != null && end.side() instanceof StreamRuntime stream) {
            return whyStream(stream, end, cause);
        }
        if (mapping == null || !(mapping.side() instanceof RegionRuntime region)) {
            throw new RequestException(LocalStatus.UNKNOWN_REGION, "no such mapping, and no such end of a stream");
        }
        FaultCause asked = cause;
        ObjectNode node = json.createObjectNode();
        node.put("region", region.record().name());
        node.put("cause", asked.name());
        node.put("text", on(region.loop(), () -> region.why(asked)));
        return node;
    }

    private ObjectNode whyStream(StreamRuntime stream, StreamEnd end, FaultCause cause) throws RequestException {
        ObjectNode node = json.createObjectNode();
        node.put("region", stream.record().name());
        node.put("cause", cause.name());
        node.put("text", on(stream.loop(), () -> stream.why(end, cause)));
        return node;
    }

    /** Asks each region on its loop, many at a time, so that it costs little more when there are many. One answers after the other. */
    private static void onEach(List<RegionRuntime> regions, Consumer<RegionRuntime> question) throws RequestException {
        Map<EventLoop, List<RegionRuntime>> byLoop = new HashMap<>();
        for (RegionRuntime region : regions) {
            byLoop.computeIfAbsent(region.loop(), loop -> new ArrayList<>()).add(region);
        }
        for (Map.Entry<EventLoop, List<RegionRuntime>> entry : byLoop.entrySet()) {
            List<RegionRuntime> all = entry.getValue();
            for (int i = 0; i < all.size(); i += IN_A_TURN) {
                List<RegionRuntime> some = all.subList(i, Math.min(all.size(), i + IN_A_TURN));
                on(entry.getKey(), () -> {
                    some.forEach(question);
                    return null;
                });
            }
        }
    }

    private static <T> T on(EventLoop loop, Callable<T> question) throws RequestException {
        try {
            return loop.submit(question).get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new RequestException(LocalStatus.TIMEOUT, "an event loop of dsmd did not answer within 5 s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RequestException(LocalStatus.TIMEOUT, "dsmd is stopping");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
