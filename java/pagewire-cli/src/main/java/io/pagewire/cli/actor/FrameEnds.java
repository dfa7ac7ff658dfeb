package io.pagewire.cli.actor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.Frame;
import io.pagewire.FrameOptions;
import io.pagewire.FrameReader;
import io.pagewire.FrameWriter;
import io.pagewire.Pagewire;
import io.pagewire.StreamStats;
import io.pagewire.SubscribeOptions;
import io.pagewire.cli.CommandFailed;
import io.pagewire.cli.Json;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Tasks on frame streams (SPEC: V12). A producer stores its frame's number at the start of every page, a consumer demands it
 * there: as little work as shows that all of a frame has come. Times are {@link System#nanoTime}, which on Linux is one clock for
 * all processes of a machine.
 *
 * <p>Not thread safe: one thread works.
 */
final class FrameEnds implements AutoCloseable {
    private static final int PAGE = 4096;
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Map<String, FrameWriter> writers = new HashMap<>();
    private final Map<String, FrameReader> readers = new HashMap<>();

    ObjectNode run(Pagewire pagewire, JsonNode task) {
        String name = task.path("stream").asText();
        switch (task.path("do").asText()) {
            case "publish-frames":
                writers.put(name, pagewire.publishFrames(name, options(task)));
                return Json.object();
            case "subscribe-frames":
                readers.put(
                        name,
                        pagewire.subscribeFrames(
                                name,
                                SubscribeOptions.defaults()
                                        .withFrames(task.path("frames").asInt())
                                        .withWait(DEADLINE)
                                        .withDeadline(DEADLINE)));
                return Json.object();
            case "produce-frames":
                return produce(writers.get(name), task.path("count").asInt());
            case "consume-frames":
                return consume(readers.get(name), task.path("count").asInt());
            case "swap-frames":
                return swap(
                        writers.get(name),
                        task.path("count").asInt(),
                        task.path("fill").asBoolean());
            case "finish-frames":
                return finish(name);
            default:
                throw new IllegalArgumentException("no such task: " + task.path("do"));
        }
    }

    private static FrameOptions options(JsonNode task) {
        return FrameOptions.ofSize(task.path("size").asLong())
                .withFrames(task.path("frames").asInt())
                .withDeadline(DEADLINE)
                .withDropAfter(DEADLINE)
                .withDiscard(task.path("discard").asBoolean());
    }

    private static ObjectNode produce(FrameWriter writer, int count) {
        long number = writer.stats().frames();
        long startNs = System.nanoTime();
        for (int i = 0; i < count; i++) {
            fill(writer.window(), ++number);
            writer.swap();
        }
        return Json.object().put("startNs", startNs);
    }

    private static ObjectNode consume(FrameReader reader, int count) {
        for (int i = 0; i < count; i++) {
            Frame frame = reader.next()
                    .orElseThrow(() -> new CommandFailed("stream " + reader.name() + " has ended too early"));
            check(reader.window(), frame.number());
        }
        return Json.object().put("endNs", System.nanoTime());
    }

    private static void fill(ByteBuffer window, long number) {
        for (int at = 0; at < window.capacity(); at += PAGE) {
            window.putLong(at, number);
        }
    }

    private static void check(ByteBuffer window, long number) {
        for (int at = 0; at < window.limit(); at += PAGE) {
            long found = window.getLong(at);
            if (found != number) {
                throw new CommandFailed("frame " + number + " holds " + found + " at byte " + at);
            }
        }
    }

    /** Swaps {"count"} times, each frame filled or never touched, and says how long the page tables took each time, in ns. */
    private static ObjectNode swap(FrameWriter writer, int count, boolean fill) {
        long[] ns = new long[count];
        long number = writer.stats().frames();
        for (int i = 0; i < count; i++) {
            if (fill) {
                fill(writer.window(), ++number);
            }
            long before = writer.stats().swapping().toNanos();
            writer.swap();
            ns[i] = writer.stats().swapping().toNanos() - before;
        }
        return Reading.samples(Json.object(), ns);
    }

    /** Closes this end and says what has gone through it. */
    private ObjectNode finish(String name) {
        FrameWriter writer = writers.remove(name);
        if (writer != null) {
            writer.drain(DEADLINE);
            StreamStats stats = writer.stats();
            writer.close();
            return counts(stats);
        }
        FrameReader reader = readers.remove(name);
        if (reader == null) {
            throw new IllegalArgumentException("no stream " + name + " is open here");
        }
        StreamStats stats = reader.stats();
        reader.close();
        return counts(stats);
    }

    private static ObjectNode counts(StreamStats stats) {
        return Json.object().put("frames", stats.frames()).put("bytes", stats.bytes());
    }

    @Override
    public void close() {
        writers.values().forEach(FrameWriter::close);
        readers.values().forEach(FrameReader::close);
    }
}
