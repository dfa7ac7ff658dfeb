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
        assertThat(MapOptions.defaults().eager()).isFalse();
        assertThat(MapOptions.defaults().withEager(true).eager()).isTrue();
    }
}
