package io.pagewire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What opening an end of a stream asks of the daemon, and what its refusals become. */
class StreamRequestsTest {
    private static final SubscribeOptions AT_ONCE = SubscribeOptions.defaults().withWait(Duration.ZERO);

    @TempDir
    private Path directory;

    private ScriptedDaemon refusing(LocalStatus status) throws IOException {
        return new ScriptedDaemon(
                directory.resolve("sock"), request -> new ScriptedDaemon.Reply(status, 0, 0, 0, "the reason"));
    }

    @Test
    void shouldAskForTheStreamOfTheOptions() throws IOException {
        try (ScriptedDaemon daemon = refusing(LocalStatus.REGION_EXISTS);
                Pagewire pagewire = Pagewire.connect(daemon.socket())) {
            FrameOptions frames = FrameOptions.ofSize(12345);
            assertThatThrownBy(() -> pagewire.publishFrames("s", frames)).isInstanceOf(RegionExistsException.class);
            assertThatThrownBy(() -> pagewire.publishFrames(
                            "s",
                            frames.withFrames(7)
                                    .withDropAfter(Duration.ofMillis(250))
                                    .withDiscard(true)))
                    .isInstanceOf(RegionExistsException.class);
            assertThatThrownBy(() -> pagewire.subscribeFrames("s", AT_ONCE)).isInstanceOf(PagewireException.class);
            assertThatThrownBy(() ->
                            pagewire.subscribeFrames("s", AT_ONCE.withFrames(2).withLatest(true)))
                    .isInstanceOf(PagewireException.class);
            assertThat(daemon.requests())
                    .containsExactly(
                            new ScriptedDaemon.Request(LocalLayout.PUBLISH_FRAMES, 12345, 5000, 4, "s"),
                            new ScriptedDaemon.Request(
                                    LocalLayout.PUBLISH_FRAMES, 12345, 250, 7 | LocalLayout.STREAM_DISCARD << 8, "s"),
                            new ScriptedDaemon.Request(LocalLayout.SUBSCRIBE_FRAMES, 0, 0, 4, "s"),
                            new ScriptedDaemon.Request(
                                    LocalLayout.SUBSCRIBE_FRAMES, 0, 0, 2 | LocalLayout.STREAM_LATEST << 8, "s"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "REGION_EXISTS, io.pagewire.RegionExistsException",
        "BUSY, io.pagewire.RegionBusyException",
        "LIMIT, io.pagewire.ResourceExhaustedException",
        "INVALID_ARGUMENT, io.pagewire.InvalidRequestException",
    })
    void shouldSayWhyItCannotBePublished(LocalStatus status, Class<? extends PagewireException> expected)
            throws IOException {
        try (ScriptedDaemon daemon = refusing(status);
                Pagewire pagewire = Pagewire.connect(daemon.socket())) {
            assertThatThrownBy(() -> pagewire.publishFrames("s", FrameOptions.ofSize(1)))
                    .isExactlyInstanceOf(expected)
                    .hasMessageContaining("'s'")
                    .hasMessageContaining("the reason");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "UNKNOWN_REGION, io.pagewire.RegionNotFoundException",
        "REFUSED, io.pagewire.RegionRefusedException",
        "OWNER_LOST, io.pagewire.RegionLostException",
        "LIMIT, io.pagewire.ResourceExhaustedException",
    })
    void shouldSayWhyItCannotBeSubscribedTo(LocalStatus status, Class<? extends PagewireException> expected)
            throws IOException {
        try (ScriptedDaemon daemon = refusing(status);
                Pagewire pagewire = Pagewire.connect(daemon.socket())) {
            assertThatThrownBy(() -> pagewire.subscribeFrames("s", AT_ONCE))
                    .isExactlyInstanceOf(expected)
                    .hasMessageContaining("'s'");
        }
    }

    @Test
    void shouldAskAgainUntilTheProducerHasHadItsTime() throws IOException {
        try (ScriptedDaemon daemon = refusing(LocalStatus.UNKNOWN_REGION);
                Pagewire pagewire = Pagewire.connect(daemon.socket())) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> pagewire.subscribeFrames("s", AT_ONCE.withWait(Duration.ofMillis(300))))
                    .isExactlyInstanceOf(RegionNotFoundException.class)
                    .hasMessageContaining("300 ms");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(295));
            assertThat(daemon.requests()).hasSizeGreaterThan(2);
        }
    }

    @Test
    void shouldOpenNothingOnAClosedConnection() throws IOException {
        try (ScriptedDaemon daemon = refusing(LocalStatus.REGION_EXISTS)) {
            Pagewire pagewire = Pagewire.connect(daemon.socket());
            pagewire.close();
            assertThatIllegalStateException().isThrownBy(() -> pagewire.publishFrames("s", FrameOptions.ofSize(1)));
            assertThatIllegalStateException().isThrownBy(() -> pagewire.subscribeFrames("s"));
        }
    }
}
