package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three hosts with programs for tests of frame streams. Tests share them; each has a stream of its own. The producer is a program
 * on a; consumers are another program there and one on each other host.
 */
@ExtendWith(LogsOnFailure.class)
abstract class StreamHosts {
    static final int KIB = 1 << 10;
    static final int MIB = 1 << 20;

    /** How long a producer waits for a frame, and a consumer may hold it up, where nothing is to go wrong. */
    static final int PATIENT_MS = 40_000;

    @TempDir
    static Path folder;

    static Cluster cluster;
    static Host a;
    static Host b;
    static Host c;

    /** The producer's program. */
    static App onA;

    static App alsoOnA;
    static App onB;
    static App onC;
    private static int streams;

    /** The stream of this test. */
    String stream;

    @BeforeAll
    static void startHosts() {
        cluster = Cluster.start(folder, "a", "b", "c");
        a = host("a");
        b = host("b");
        c = host("c");
        onA = cluster.app(a);
        alsoOnA = cluster.app(a);
        onB = cluster.app(b);
        onC = cluster.app(c);
    }

    private static Host host(String name) {
        return cluster.hosts().stream()
                .filter(host -> host.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @AfterAll
    static void endHosts() {
        cluster.close();
    }

    @BeforeEach
    void nameTheStream() {
        stream = "stream-" + ++streams;
    }

    /** Opens the producer's end in a's program, named like the stream; the window's address. */
    String publish(int frameSize, int frames) {
        return publish(frameSize, frames, "keep");
    }

    String publish(int frameSize, int frames, String without) {
        return onA.ask("publish-frames", stream, stream, frameSize, frames, PATIENT_MS, PATIENT_MS, without);
    }

    /** Opens a consumer's end that is named like the stream; the window's address. */
    String subscribe(App app, String kind) {
        return subscribe(app, stream, kind, 4);
    }

    String subscribe(App app, String end, String kind, int frames) {
        return app.ask("subscribe-frames", end, stream, frames, kind, PATIENT_MS, PATIENT_MS);
    }

    /** Takes everything up to the end of the stream, at random speed. */
    Taken takeAll(App app, int pauseMs) {
        return Taken.by(app, stream, pauseMs);
    }

    /** Fills and swaps so many frames, and waits until all of them are taken. */
    void produceAll(int count, int pauseMs) {
        assertThat(onA.askLong("produce", stream, count, pauseMs)).isEqualTo(count);
        onA.ask("drain", stream, PATIENT_MS);
        onA.ask("finish", stream);
    }

    /** What a host lists of a stream; fails when it does not know it. */
    static JsonNode listed(Host host, String stream) {
        JsonNode found = find(host, stream);
        if (found == null) {
            throw new AssertionError("host " + host + " lists no stream " + stream + ": " + host.query("streams"));
        }
        return found;
    }

    /** Null when the host does not know the stream. */
    static JsonNode find(Host host, String stream) {
        for (JsonNode entry : host.query("streams").path("streams")) {
            if (entry.path("name").asText().equals(stream)) {
                return entry;
            }
        }
        return null;
    }

    /** What a consumer takes until the end of the stream, while other things go on. */
    record Taken(CompletableFuture<String> answer) {
        static Taken by(App app, String end, int pauseMs) {
            return new Taken(app.send("consume", end, 0, pauseMs));
        }

        /** Every frame of the stream came. */
        void isAll(long count) {
            assertThat(App.await(answer)).isEqualTo(count + " 1 " + count + " 0 end");
        }

        /** Some frames were skipped, and counted; the last one was not. Returns how many were seen. */
        long endsWith(long last) {
            String[] words = App.await(answer).split(" ");
            long seen = Long.parseLong(words[0]);
            long first = Long.parseLong(words[1]);
            assertThat(Long.parseLong(words[2])).as("the last frame").isEqualTo(last);
            assertThat(seen + Long.parseLong(words[3])).as("seen and skipped").isEqualTo(last - first + 1);
            assertThat(words[4]).isEqualTo("end");
            return seen;
        }
    }
}
