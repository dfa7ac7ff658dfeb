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
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A moving picture through a stream of frames (SPEC: V12): one program draws, another one looks at every pixel.
 *
 * <p>Stateless; a task runs on one thread.
 */
final class Film {
    private static final Duration OTHER_SIDE = Duration.ofSeconds(30);

    private Film() {}

    /** Publishes {"stream"} for {"seconds"}, up to {"rate"} pictures a second, once somebody looks. */
    static ObjectNode draw(Pagewire pagewire, JsonNode task) {
        long pictureNs = TimeUnit.SECONDS.toNanos(1) / task.path("rate").asInt();
        int[] pixels = new int[Picture.PIXELS];
        Picture picture = new Picture();
        FrameOptions options = FrameOptions.ofSize((long) Picture.PIXELS * Integer.BYTES);
        try (FrameWriter writer = pagewire.publishFrames(task.path("stream").asText(), options)) {
            IntBuffer window = writer.window().asIntBuffer();
            picture.draw(1, pixels);
            window.put(0, pixels);
            writer.swap();
            writer.drain(OTHER_SIDE); // kept for the first consumer
            long startNs = System.nanoTime();
            long end = TimeUnit.SECONDS.toNanos(task.path("seconds").asInt());
            for (long number = 2; System.nanoTime() - startNs < end; number++) {
                picture.draw(number, pixels);
                window.put(0, pixels);
                await(startNs + (number - 2) * pictureNs);
                writer.swap();
            }
            writer.drain(OTHER_SIDE);
            return answer(writer.stats(), System.nanoTime() - startNs);
        }
    }

    private static void await(long ns) {
        for (long left = ns - System.nanoTime(); left > 0; left = ns - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Looks at every frame of {"stream"} and writes number {"keep"}, or the last before it, to the file {"file"} as a PNG. */
    static ObjectNode look(Pagewire pagewire, JsonNode task) {
        Viewer viewer = new Viewer(task.path("keep").asLong());
        SubscribeOptions options = SubscribeOptions.defaults().withWait(OTHER_SIDE);
        StreamStats stats;
        try (FrameReader reader = pagewire.subscribeFrames(task.path("stream").asText(), options)) {
            for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
                viewer.see(frame.get(), reader.window().asIntBuffer());
            }
            stats = reader.stats();
        }
        viewer.end();
        ObjectNode answer = answer(stats, System.nanoTime() - viewer.startNs);
        writePng(viewer.kept, Path.of(task.path("file").asText()));
        return answer.put("verified", viewer.seen).put("keptFrame", viewer.keptNumber);
    }

    private static ObjectNode answer(StreamStats stats, long ns) {
        return Json.object()
                .put("frames", stats.frames())
                .put("bytes", stats.bytes())
                .put("seconds", ns / 1e9)
                .put("skipped", stats.skipped())
                .put("waits", stats.waits())
                .put("swapMeanUs", stats.meanSwap().toNanos() / 1000.0)
                .put("swapMaxUs", stats.longestSwap().toNanos() / 1000.0);
    }

    /** Checks frame after frame; what is not as it must be ends the film. */
    private static final class Viewer {
        private final Picture picture = new Picture();
        private final int[] expected = new int[Picture.PIXELS];
        private final int[] pixels = new int[Picture.PIXELS];
        private final long keep;
        private int[] kept;
        private long keptNumber;
        private long seen;
        private long startNs = System.nanoTime();

        Viewer(long keep) {
            this.keep = keep;
        }

        void see(Frame frame, IntBuffer window) {
            if (seen == 0) {
                startNs = System.nanoTime();
            }
            seen++;
            check(
                    frame.number() == seen && frame.skipped() == 0,
                    "frame " + frame.number() + " came as number " + seen);
            check(window.remaining() == Picture.PIXELS, "frame " + seen + " has " + frame.length() + " bytes");
            window.get(0, pixels);
            check(Picture.number(pixels) == seen, "frame " + seen + " shows picture " + Picture.number(pixels));
            check(picture.isWhole(pixels), "the checksum of frame " + seen + " is wrong");
            picture.draw(seen, expected);
            int wrong = Arrays.mismatch(expected, pixels);
            check(wrong < 0, "frame " + seen + ": pixel " + wrong + " is wrong");
            if (seen == keep) {
                kept = pixels.clone();
                keptNumber = seen;
            }
        }

        /** The film was shorter than that: its last picture is as good. */
        void end() {
            check(seen > 0, "it has no frame");
            if (kept == null) {
                kept = pixels;
                keptNumber = seen;
            }
        }

        private static void check(boolean good, String otherwise) {
            if (!good) {
                throw new CommandFailed("the film is broken: " + otherwise);
            }
        }
    }

    /** The picture as an image file; the colours as they are. */
    private static void writePng(int[] pixels, Path file) {
        System.setProperty("java.awt.headless", "true");
        BufferedImage image = new BufferedImage(Picture.WIDTH, Picture.HEIGHT, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, Picture.WIDTH, Picture.HEIGHT, pixels, 0, Picture.WIDTH);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            if (!ImageIO.write(image, "png", out)) {
                throw new CommandFailed("this Java writes no PNG");
            }
            out.flush();
            Files.write(file, bytes.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the picture to " + file, e);
        }
    }
}
