package io.pagewire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegionKindsTest {
    private static final RegionOptions RESIDENT = RegionOptions.defaults().withResident(true);

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.writeString(directory.resolve("file"), "contents");
    }

    private interface Use {
        void of(Pagewire pagewire, ScriptedDaemon daemon) throws Exception;
    }

    /** progress: the answer to the question about progress with this number, from 0. */
    private void withDaemon(IntFunction<ScriptedDaemon.Reply> progress, Use use) throws Exception {
        int[] asked = {0};
        ScriptedDaemon.Script script = request ->
                request.type() == LocalLayout.PROGRESS ? progress.apply(asked[0]++) : ScriptedDaemon.Reply.OK;
        try (ScriptedDaemon daemon = new ScriptedDaemon(directory.resolve("sock"), script);
                Pagewire pagewire = Pagewire.connect(daemon.socket())) {
            use.of(pagewire, daemon);
        }
    }

    private static ScriptedDaemon.Reply state(int state, long done, String text) {
        return new ScriptedDaemon.Reply(LocalStatus.OK, done, 300, state, text);
    }

    private static ScriptedDaemon.Reply upTo300(int question, String warning) {
        return question < 3
                ? state(LocalLayout.PROGRESS_RUNNING, 100L * question, "")
                : state(LocalLayout.PROGRESS_DONE, 300, warning);
    }

    @Test
    void shouldAskForTheKindOfRegion() throws Exception {
        withDaemon(n -> upTo300(n, ""), (pagewire, daemon) -> {
            pagewire.create("plain", 4096);
            pagewire.create(
                    "shared",
                    4096,
                    RegionOptions.defaults().withWriters(Writers.ANY).withPageSize(8192));
            pagewire.export(
                    "file",
                    file,
                    RegionOptions.defaults().withWriters(Writers.ANY).withResident(true));
            assertThat(daemon.requests())
                    .startsWith(
                            new ScriptedDaemon.Request(LocalLayout.CREATE, 4096, 0, 4096, "plain"),
                            new ScriptedDaemon.Request(
                                    LocalLayout.CREATE, 4096, LocalLayout.REGION_ANY_WRITER, 8192, "shared"),
                            new ScriptedDaemon.Request(
                                    LocalLayout.EXPORT,
                                    0,
                                    LocalLayout.REGION_ANY_WRITER | LocalLayout.REGION_RESIDENT,
                                    4096,
                                    "file\0" + file),
                            new ScriptedDaemon.Request(LocalLayout.PROGRESS, 0, 0, 0, "file"));
        });
    }

    @Test
    void shouldTellProgressToTheLastByte() throws Exception {
        List<String> told = new ArrayList<>();
        Progress listener = (done, total) -> told.add(done + " of " + total);
        withDaemon(n -> upTo300(n, ""), (pagewire, daemon) -> {
            assertThat(pagewire.export("file", file, RESIDENT.withProgress(listener)))
                    .isEmpty();
            assertThat(told).containsExactly("0 of 300", "100 of 300", "200 of 300", "300 of 300");
        });
    }

    @Test
    void shouldGiveTheWarningOfTheDaemonBack() throws Exception {
        withDaemon(n -> upTo300(n, "may lock 64 KiB only"), (pagewire, daemon) -> {
            assertThat(pagewire.export("file", file, RESIDENT)).contains("may lock 64 KiB only");
            assertThat(pagewire.export("demand", file, RegionOptions.defaults()))
                    .isEmpty();
        });
    }

    @Test
    void shouldThrowWhatTheListenerThrewAndLeaveNoRegion() throws Exception {
        IllegalStateException enough = new IllegalStateException("enough");
        Progress listener = (done, total) -> {
            if (done == 100) {
                throw enough;
            }
        };
        withDaemon(n -> upTo300(n, ""), (pagewire, daemon) -> {
            assertThatThrownBy(() -> pagewire.export("file", file, RESIDENT.withProgress(listener)))
                    .isSameAs(enough);
            assertThat(daemon.types()).containsExactly(LocalLayout.EXPORT, LocalLayout.DELETE);
            pagewire.create("next", 4096);
        });
    }

    @Test
    void shouldSayWhyAFileCannotBeHeldInMemoryAndLeaveNoRegion() throws Exception {
        withDaemon(n -> state(LocalLayout.PROGRESS_FAILED, 0, "block 7 is bad"), (pagewire, daemon) -> {
            assertThatThrownBy(() -> pagewire.export("file", file, RESIDENT))
                    .isExactlyInstanceOf(FileUnavailableException.class)
                    .hasMessageContaining("block 7 is bad");
            assertThat(daemon.types()).containsExactly(LocalLayout.EXPORT, LocalLayout.DELETE);
        });
    }

    @Test
    void shouldRefuseWhatMakesNoSenseWithoutAskingTheDaemon() throws Exception {
        withDaemon(n -> upTo300(n, ""), (pagewire, daemon) -> {
            assertThatThrownBy(() -> pagewire.create("held", 4096, RESIDENT))
                    .isExactlyInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("exported");
            assertThatThrownBy(
                            () -> pagewire.map("demand", MapOptions.defaults().withPeriod(Duration.ofSeconds(1))))
                    .isExactlyInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("period");
            assertThat(daemon.requests()).isEmpty();
        });
    }
}
