package io.pagewire.system;

import io.pagewire.FrameOptions;
import io.pagewire.FrameReader;
import io.pagewire.FrameWriter;
import io.pagewire.Pagewire;
import io.pagewire.StreamStats;
import io.pagewire.SubscribeOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What the Java program of the tests can do with frame streams. Each end has a name of its own in the program, because a program
 * may have several of one stream.
 *
 * <p>Safe for use by any thread, one an end.
 */
final class StreamCommands {
    /** Words that {@link #run} knows. */
    static final List<String> WORDS = List.of(
            "publish-frames",
            "subscribe-frames",
            "produce",
            "consume",
            "take",
            "take-unchecked",
            "swap",
            "swap-unfilled",
            "try-swap",
            "drain",
            "drain-patiently",
            "finish",
            "check-window",
            "window-problem",
            "frame-put",
            "frame-get",
            "frame-list",
            "frame-walk",
            "frame-seen",
            "frame-stats",
            "frame-warning",
            "swap-racing");

    private final Supplier<Pagewire> pagewire;
    private final Map<String, FrameWriter> writers = new ConcurrentHashMap<>();
    private final Map<String, StreamConsumer> readers = new ConcurrentHashMap<>();

    StreamCommands(Supplier<Pagewire> pagewire) {
        this.pagewire = pagewire;
    }

    /** w: the command, the end's name, arguments. */
    String run(String[] w) throws Exception {
        String end = w[1];
        return switch (w[0]) {
            case "publish-frames" -> publish(end, w);
            case "subscribe-frames" -> subscribe(end, w);
            case "produce" -> produce(writer(end), Long.parseLong(w[2]), Integer.parseInt(w[3]));
            case "consume" -> reader(end).take(Long.parseLong(w[2]), Integer.parseInt(w[3]));
            case "take" -> reader(end).takeOne(Long.parseLong(w[2]));
            case "take-unchecked" ->
                reader(end)
                        .reader()
                        .next(Duration.ofMillis(Long.parseLong(w[2])))
                        .map(frame -> frame.number() + " " + frame.length())
                        .orElse("end");
            case "swap" -> {
                fillNext(writer(end), Integer.parseInt(w[2]));
                writer(end).swap(Integer.parseInt(w[2]));
                yield "done";
            }
            case "swap-unfilled" -> {
                writer(end).swap(Integer.parseInt(w[2]));
                yield "done";
            }
            case "try-swap" -> {
                fillNext(writer(end), writer(end).window().capacity());
                yield Boolean.toString(writer(end).trySwap(Duration.ofMillis(Long.parseLong(w[2]))));
            }
            case "drain" -> {
                writer(end).drain(Duration.ofMillis(Long.parseLong(w[2])));
                yield "done";
            }
            case "drain-patiently" -> {
                writer(end).drain();
                yield "done";
            }
            case "finish" -> finish(end);
            case "check-window" -> {
                reader(end).checkWindow();
                yield "whole";
            }
            case "window-problem" -> windowProblem(writer(end));
            case "frame-put" -> {
                writer(end).window().putLong(Integer.parseInt(w[2]), Long.parseLong(w[3]));
                yield "done";
            }
            case "frame-get" -> Long.toString(reader(end).reader().window().getLong(Integer.parseInt(w[2])));
            case "frame-list" -> FrameList.build(writer(end), Integer.parseInt(w[2]));
            case "frame-walk" -> FrameList.walk(reader(end).reader());
            case "frame-seen" -> Long.toString(reader(end).seen());
            case "frame-stats" -> stats(end);
            case "frame-warning" -> warning(end).orElse("none");
            case "swap-racing" -> RacingSwaps.run(writer(end), Integer.parseInt(w[2]), Integer.parseInt(w[3]));
            default -> throw new IllegalArgumentException("no command " + w[0]);
        };
    }

    /** publish-frames END STREAM SIZE FRAMES DEADLINE_MS DROP_MS keep|discard: the window's address. */
    private String publish(String end, String[] w) {
        FrameOptions options = FrameOptions.ofSize(Long.parseLong(w[3]))
                .withFrames(Integer.parseInt(w[4]))
                .withDeadline(Duration.ofMillis(Long.parseLong(w[5])))
                .withDropAfter(Duration.ofMillis(Long.parseLong(w[6])))
                .withDiscard(w[7].equals("discard"));
        FrameWriter writer = pagewire.get().publishFrames(w[2], options);
        writers.put(end, writer);
        return "0x" + Long.toHexString(writer.address());
    }

    /** subscribe-frames END STREAM FRAMES lossless|latest WAIT_MS DEADLINE_MS: the window's address. */
    private String subscribe(String end, String[] w) {
        boolean latest = w[4].equals("latest");
        SubscribeOptions options = SubscribeOptions.defaults()
                .withFrames(Integer.parseInt(w[3]))
                .withLatest(latest)
                .withWait(Duration.ofMillis(Long.parseLong(w[5])))
                .withDeadline(Duration.ofMillis(Long.parseLong(w[6])));
        FrameReader reader = pagewire.get().subscribeFrames(w[2], options);
        readers.put(end, new StreamConsumer(reader, latest));
        return "0x" + Long.toHexString(reader.address());
    }

    /** So many checked frames, with a random pause of up to so many ms before each; the number of the last. */
    private static String produce(FrameWriter writer, long count, int pauseMs) throws InterruptedException {
        ByteBuffer window = writer.window();
        long number = writer.stats().frames();
        for (long i = 0; i < count; i++) {
            number++;
            int length = CheckedFrames.length(number, window.capacity());
            CheckedFrames.fill(window, number, length);
            writer.swap(length);
            if (pauseMs > 0) {
                Thread.sleep((number * 7) % (pauseMs + 1));
            }
        }
        return Long.toString(number);
    }

    private static void fillNext(FrameWriter writer, int length) {
        CheckedFrames.fill(writer.window(), writer.stats().frames() + 1, length);
    }

    /** Whether the window still holds the frame that was filled for the next swap. */
    private static String windowProblem(FrameWriter writer) {
        long number = writer.stats().frames() + 1;
        ByteBuffer window = writer.window();
        String problem = CheckedFrames.problem(window, number, CheckedFrames.length(number, window.capacity()));
        return problem == null ? "none" : problem;
    }

    private String finish(String end) {
        FrameWriter writer = writers.remove(end);
        if (writer != null) {
            writer.close();
        } else {
            StreamConsumer reader = reader(end);
            readers.remove(end);
            reader.reader().close();
        }
        return "done";
    }

    /** Frames, bytes, skipped, waits. */
    private String stats(String end) {
        FrameWriter writer = writers.get(end);
        StreamStats stats =
                writer != null ? writer.stats() : reader(end).reader().stats();
        return stats.frames() + " " + stats.bytes() + " " + stats.skipped() + " " + stats.waits();
    }

    private Optional<String> warning(String end) {
        FrameWriter writer = writers.get(end);
        return writer != null ? writer.warning() : reader(end).reader().warning();
    }

    private FrameWriter writer(String end) {
        FrameWriter writer = writers.get(end);
        if (writer == null) {
            throw new IllegalArgumentException("no producer's end " + end);
        }
        return writer;
    }

    private StreamConsumer reader(String end) {
        StreamConsumer reader = readers.get(end);
        if (reader == null) {
            throw new IllegalArgumentException("no consumer's end " + end);
        }
        return reader;
    }
}
