package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.StreamStats;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Thread rule: one thread a test. */
class StreamSummaryTest {
    private static ObjectNode summary(long frames, long bytes, long skipped) {
        StreamStats stats = new StreamStats(
                frames,
                bytes,
                skipped,
                2,
                Duration.ofMillis(70),
                Duration.ofNanos(frames * 12_345),
                Duration.ofNanos(45_678),
                0);
        return StreamSummary.of("s", stats, 1.5);
    }

    @Test
    void shouldHaveEveryFigure() {
        assertThat(Json.line(summary(4, 300, 1)))
                .isEqualTo("{\"stream\":\"s\",\"frames\":4,\"bytes\":300,\"seconds\":1.5,\"skipped\":1,\"waits\":2,"
                        + "\"waitedMs\":70,\"swapMeanUs\":12.345,\"swapMaxUs\":45.678}");
    }

    @Test
    void shouldBeASentence() {
        assertThat(StreamSummary.text("sent", summary(1, 3 << 20, 0)))
                .isEqualTo("sent 1 frame, 3 MiB, in 1.50 s (2 MiB/s); a swap took 12.3 us, at most 45.7 us");
        assertThat(StreamSummary.text("received", summary(2, 6 << 20, 5)))
                .isEqualTo(
                        "received 2 frames, 6 MiB, in 1.50 s (4 MiB/s), 5 skipped; a swap took 12.3 us, at most 45.7 us");
        assertThat(StreamSummary.text("sent", summary(0, 0, 0))).isEqualTo("sent 0 frames, 0 B, in 1.50 s (0 B/s)");
    }

    @Test
    void shouldSayWhatConsumersHaveMissed() {
        String client = "{\"name\":\"s\",\"role\":\"client\",\"dropped\":7,\"discarded\":7}";
        assertThat(missed(client, false)).isEmpty();
        assertThat(missed(client + "," + home(0, 0), false)).isEmpty();
        assertThat(missed(home(1, 1), false))
                .isEqualTo("1 consumer or host was dropped as too slow; 1 frame was let go: no consumer was left");
        assertThat(missed(home(2, 3), false))
                .isEqualTo("2 consumers or hosts were dropped as too slow; 3 frames were let go: no consumer was left");
        assertThat(missed(home(0, 3), true)).as("as it was asked for").isEmpty();
    }

    private static String home(long dropped, long discarded) {
        return "{\"name\":\"s\",\"role\":\"home\",\"dropped\":" + dropped + ",\"discarded\":" + discarded + "}";
    }

    private static String missed(String streams, boolean discard) {
        return StreamIn.missed(Json.parse("test", "{\"streams\":[" + streams + "]}"), "s", discard);
    }
}
