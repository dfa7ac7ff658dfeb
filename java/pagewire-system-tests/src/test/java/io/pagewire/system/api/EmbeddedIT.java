package io.pagewire.system.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.pagewire.DaemonUnreachableException;
import io.pagewire.EmbeddedOptions;
import io.pagewire.PageFaultException;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.testkit.FairClock;
import io.pagewire.wire.FaultCause;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The life of a private daemon. */
class EmbeddedIT {
    private static List<ProcessHandle> children() {
        return ProcessHandle.current().descendants().toList();
    }

    @Test
    void shouldLeaveNoProcessAndNoFileBehind() {
        List<ProcessHandle> before = children();
        Path socket;
        List<ProcessHandle> started;
        try (Pagewire pagewire = Pagewire.embedded(EmbeddedOptions.defaults().withName("tidy"))) {
            assertThat(pagewire.host()).isEqualTo("tidy");
            socket = pagewire.socket();
            assertThat(socket).exists();
            started = Stream.concat(children().stream(), Stream.empty())
                    .filter(child -> !before.contains(child))
                    .toList();
            assertThat(started).isNotEmpty();
        }
        assertThat(started).noneMatch(ProcessHandle::isAlive);
        assertThat(socket.getParent()).doesNotExist();
    }

    @Test
    void shouldEndEveryRegionWithTheConnection() {
        Pagewire pagewire = Pagewire.embedded();
        pagewire.create("ends", 4096);
        Region region = pagewire.map("ends");
        pagewire.close();
        pagewire.close();
        assertThatIllegalStateException().isThrownBy(() -> region.getByte(0));
        assertThatIllegalStateException().isThrownBy(() -> pagewire.map("ends"));
        assertThatIllegalStateException().isThrownBy(() -> pagewire.query("status"));
    }

    @Test
    void shouldSayWhyTheDaemonDidNotStart() {
        assertThatExceptionOfType(DaemonUnreachableException.class)
                .isThrownBy(() -> Pagewire.embedded(EmbeddedOptions.defaults().withListen("no-port")))
                .withMessageContaining("exit code")
                .withMessageContaining("no-port");
        assertThat(children()).isEmpty();
    }

    @Test
    void shouldFailAccessesOnceTheDaemonIsKilled() {
        try (Pagewire pagewire = Pagewire.embedded(EmbeddedOptions.defaults().withName("killed"))) {
            pagewire.create("orphan", 64 * 4096);
            Region region = pagewire.map("orphan");
            region.putLong(0, 1);
            children().forEach(ProcessHandle::destroyForcibly);
            await().forever()
                    .failFast(FairClock.over(Duration.ofSeconds(10)))
                    .untilAsserted(() -> assertThatExceptionOfType(PageFaultException.class)
                            .isThrownBy(() -> region.getLong(0))
                            .satisfies(e -> assertThat(e.faultCause()).isEqualTo(FaultCause.DAEMON_LOST)));
            assertThatExceptionOfType(DaemonUnreachableException.class).isThrownBy(() -> pagewire.query("status"));
        }
    }
}
