package io.pagewire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void shouldRefuseDeadlinesOutOfRange() {
        ConnectOptions options = ConnectOptions.defaults();
        assertThatIllegalArgumentException().isThrownBy(() -> options.withDeadline(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> options.withDeadline(Duration.ofNanos(999_999)));
        assertThatIllegalArgumentException().isThrownBy(() -> options.withDeadline(Duration.ofHours(2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EmbeddedOptions.defaults().withStartDeadline(Duration.ofMillis(10)));
    }

    @Test
    void shouldRefusePeriodsOutOfRange() {
        MapOptions options = MapOptions.defaults();
        assertThatIllegalArgumentException().isThrownBy(() -> options.withPeriod(Duration.ofMillis(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> options.withPeriod(Duration.ofNanos(999_999)));
        assertThatIllegalArgumentException().isThrownBy(() -> options.withPeriod(Duration.ofHours(25)));
        assertThat(options.withPeriod(Duration.ofHours(24)).withPeriod(Duration.ZERO))
                .isEqualTo(options);
    }

    @Test
    void shouldRefuseStreamsOutOfRange() {
        FrameOptions frames = FrameOptions.ofSize(1);
        SubscribeOptions subscribe = SubscribeOptions.defaults();
        List<ThrowingCallable> refused = List.of(
                () -> FrameOptions.ofSize(0),
                () -> FrameOptions.ofSize((1L << 30) + 1),
                () -> frames.withFrames(1),
                () -> frames.withFrames(17),
                () -> frames.withDeadline(Duration.ofNanos(999_999)),
                () -> frames.withDeadline(Duration.ofMinutes(61)),
                () -> frames.withDropAfter(Duration.ofMillis(99)),
                () -> frames.withDropAfter(Duration.ofMinutes(61)),
                () -> subscribe.withFrames(1),
                () -> subscribe.withFrames(17),
                () -> subscribe.withWait(Duration.ofMillis(-1)),
                () -> subscribe.withWait(Duration.ofMinutes(61)),
                () -> subscribe.withDeadline(Duration.ZERO));
        refused.forEach(call -> assertThatIllegalArgumentException().isThrownBy(call));
        assertThat(FrameOptions.ofSize(1L << 30).withFrames(16).withDropAfter(Duration.ofMillis(100)))
                .isEqualTo(new FrameOptions(1L << 30, 16, Duration.ofSeconds(10), Duration.ofMillis(100), false));
        assertThat(subscribe.withFrames(2).withWait(Duration.ZERO))
                .isEqualTo(new SubscribeOptions(2, false, Duration.ZERO, Duration.ofSeconds(10)));
    }

    @Test
    void shouldDefaultToFourFramesThatAreAllSeen() {
        assertThat(FrameOptions.ofSize(5))
                .isEqualTo(new FrameOptions(5, 4, Duration.ofSeconds(10), Duration.ofSeconds(5), false));
        assertThat(SubscribeOptions.defaults())
                .isEqualTo(new SubscribeOptions(4, false, Duration.ofSeconds(5), Duration.ofSeconds(10)));
    }

    @Test
    void shouldWaitAtLeastAsLongAsATimeoutSays() {
        assertThat(StreamRanges.timeoutMs(Duration.ZERO)).isZero();
        assertThat(StreamRanges.timeoutMs(Duration.ofNanos(1))).isEqualTo(1);
        assertThat(StreamRanges.timeoutMs(Duration.ofMillis(7))).isEqualTo(7);
        assertThat(StreamRanges.timeoutMs(Duration.ofDays(10_000))).isEqualTo(Integer.MAX_VALUE);
        assertThat(StreamRanges.timeoutMs(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)))
                .isEqualTo(Integer.MAX_VALUE);
        assertThatIllegalArgumentException().isThrownBy(() -> StreamRanges.timeoutMs(Duration.ofNanos(-1)));
    }

    @Test
    void shouldDefaultToRegionsOfTheOwnerThatAreMappedOnDemand() {
        assertThat(RegionOptions.defaults()).isEqualTo(new RegionOptions(0, Writers.OWNER, false, null));
        assertThat(MapOptions.defaults()).isEqualTo(new MapOptions(false, false, false, Duration.ZERO, null, false));
    }

    @Test
    void shouldChangeOneOptionAndKeepTheOthers() {
        Path socket = Path.of("s");
        assertThat(ConnectOptions.defaults().withSocket(socket).withProgram("p").withDeadline(Duration.ofSeconds(1)))
                .isEqualTo(new ConnectOptions(socket, "p", Duration.ofSeconds(1)));
        Path data = Path.of("d");
        Path java = Path.of("j");
        assertThat(EmbeddedOptions.defaults()
                        .withName("n")
                        .withDataDirectory(data)
                        .withListen("l:1")
                        .withDirectory("h:2")
                        .withJavaHome(java)
                        .withStartDeadline(Duration.ofSeconds(2)))
                .isEqualTo(new EmbeddedOptions("n", data, "l:1", "h:2", java, Duration.ofSeconds(2)));
        Progress progress = (done, total) -> {};
        Duration period = Duration.ofMillis(20);
        assertThat(MapOptions.defaults()
                        .withEager(true)
                        .withReadOnly(true)
                        .withPreloaded(true)
                        .withPeriod(period)
                        .withProgress(progress)
                        .withDumped(true))
                .isEqualTo(new MapOptions(true, true, true, period, progress, true));
        Duration second = Duration.ofSeconds(1);
        assertThat(FrameOptions.ofSize(7)
                        .withFrames(3)
                        .withDeadline(period)
                        .withDropAfter(second)
                        .withDiscard(true))
                .isEqualTo(new FrameOptions(7, 3, period, second, true));
        assertThat(SubscribeOptions.defaults()
                        .withFrames(3)
                        .withLatest(true)
                        .withWait(second)
                        .withDeadline(period))
                .isEqualTo(new SubscribeOptions(3, true, second, period));
        assertThat(RegionOptions.defaults()
                        .withPageSize(65536)
                        .withWriters(Writers.ANY)
                        .withResident(true)
                        .withProgress(progress))
                .isEqualTo(new RegionOptions(65536, Writers.ANY, true, progress));
    }
}
