package io.pagewire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
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
    void shouldDefaultToRegionsOfTheOwnerThatAreMappedOnDemand() {
        assertThat(RegionOptions.defaults()).isEqualTo(new RegionOptions(0, Writers.OWNER, false, null));
        assertThat(MapOptions.defaults()).isEqualTo(new MapOptions(false, false, false, Duration.ZERO, null));
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
                        .withProgress(progress))
                .isEqualTo(new MapOptions(true, true, true, period, progress));
        assertThat(RegionOptions.defaults()
                        .withPageSize(65536)
                        .withWriters(Writers.ANY)
                        .withResident(true)
                        .withProgress(progress))
                .isEqualTo(new RegionOptions(65536, Writers.ANY, true, progress));
    }
}
