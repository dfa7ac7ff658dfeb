package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.actor.Picture;
import io.pagewire.cli.hosts.Actor;
import io.pagewire.cli.hosts.Latency;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The demo's film: a program on one host draws, a program on the other looks at every pixel and keeps one picture (SPEC: V12).
 *
 * <p>Runs on one thread.
 */
final class MovingPicture {
    private static final String STREAM = "film";
    private static final int SECONDS = 10;
    private static final int RATE = 60;
    private static final int KEEP = SECONDS * RATE / 3;

    private final Actor painter;
    private final Actor viewer;
    private final Story story;

    MovingPicture(Actor painter, Actor viewer, Story story) {
        this.painter = painter;
        this.viewer = viewer;
        this.story = story;
    }

    /** Gives the figures; one picture is in the file afterwards. */
    ObjectNode show(Path file) {
        story.title("A moving picture");
        story.say(
                "a publishes '%s': %d x %d pixels, %s a frame, %d a second for %d s; b subscribes",
                STREAM, Picture.WIDTH, Picture.HEIGHT, Sizes.human(4L * Picture.PIXELS), RATE, SECONDS);
        CompletableFuture<JsonNode> looking = viewer.start(
                "look", Json.object().put("stream", STREAM).put("keep", KEEP).put("file", file.toString()));
        JsonNode drawn = painter.ask(
                "draw",
                Json.object().put("stream", STREAM).put("seconds", SECONDS).put("rate", RATE));
        JsonNode seen = join(looking);
        tell("a has drawn", drawn);
        tell("b has seen", seen);
        long frames = drawn.path("frames").asLong();
        boolean all = seen.path("verified").asLong() == frames && frames > 0;
        story.check(all, "every frame came once, in order, and every pixel is as it was drawn");
        story.say("frame %d is in %s", seen.path("keptFrame").asLong(), file);
        ObjectNode node = Json.object();
        node.put("width", Picture.WIDTH)
                .put("height", Picture.HEIGHT)
                .put("frames", frames)
                .put("verified", seen.path("verified").asLong())
                .put("fps", Latency.rounded(rate(seen), 10))
                .put("gbps", Latency.rounded(gbps(seen), 1000))
                .put("file", file.toString())
                .put("keptFrame", seen.path("keptFrame").asLong());
        node.set("producer", figures(drawn));
        node.set("consumer", figures(seen));
        return node;
    }

    private void tell(String who, JsonNode side) {
        story.say(
                "%s %d frames in %.2f s: %.1f frames/s, %.2f GB/s; %d waits; a swap took %.1f us, at most %.1f us",
                who,
                side.path("frames").asLong(),
                side.path("seconds").asDouble(),
                rate(side),
                gbps(side),
                side.path("waits").asLong(),
                side.path("swapMeanUs").asDouble(),
                side.path("swapMaxUs").asDouble());
    }

    private static ObjectNode figures(JsonNode side) {
        return Json.object()
                .put("seconds", Latency.rounded(side.path("seconds").asDouble(), 1000))
                .put("waits", side.path("waits").asLong())
                .put("swapMeanUs", Latency.rounded(side.path("swapMeanUs").asDouble(), 10))
                .put("swapMaxUs", Latency.rounded(side.path("swapMaxUs").asDouble(), 10));
    }

    private static double rate(JsonNode side) {
        return side.path("frames").asLong() / side.path("seconds").asDouble();
    }

    private static double gbps(JsonNode side) {
        return side.path("bytes").asLong() / 1e9 / side.path("seconds").asDouble();
    }

    private static JsonNode join(CompletableFuture<JsonNode> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof CommandFailed failed ? failed : e;
        }
    }
}
