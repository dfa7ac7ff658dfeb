package io.pagewire.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.local.LocalDoor;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.WriterRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs to which an earlier run of the daemon gave a file to write, and whose memory cannot be looked at. */
class OrphanedWritersTest {
    @TempDir
    Path data;

    private final RegionRecord region = Apparatus.region("a", true);
    private Process program;
    private LocalProcess process;

    @BeforeEach
    void start() throws IOException {
        program = new ProcessBuilder("sleep", "1000").start();
        process = LocalDoor.of(program);
    }

    @AfterEach
    void end() {
        process.release();
        program.destroyForcibly();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("writers"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private OrphanedWriters writers(WriterRecords records, boolean hidden) {
        return new OrphanedWriters(1, records, pid -> hidden, 100);
    }

    /** What a run that was killed leaves to the next. */
    private WriterRecords nextRun() throws IOException {
        new WriterRecords(data).add(region.id(), process);
        return new WriterRecords(data);
    }

    @Test
    void shouldPassOverWhatIsNoneOfItsRecords() throws IOException {
        Path folder = Files.createDirectories(data.resolve("writers"));
        String boot =
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        Path note = Files.createFile(folder.resolve("notes.txt"));
        Path unreadable = Files.createFile(folder.resolve(boot + ".x.1.2"));
        Path deeper = Files.createFile(
                Files.createDirectory(folder.resolve(boot + ".1.2.3")).resolve("deeper"));
        Path earlierBoot = Files.createFile(folder.resolve("0f.1.2.3"));
        assertThat(new WriterRecords(data).earlier(1)).isEmpty();
        assertThat(List.of(note, unreadable, deeper)).allMatch(Files::exists);
        assertThat(earlierBoot).doesNotExist();
    }

    @Test
    void shouldForgetAWriterOnceAllItsMappingsAreGone() throws Exception {
        WriterRecords records = new WriterRecords(data);
        records.add(region.id(), process);
        records.add(region.id(), process);
        records.remove(region.id(), process);
        assertThat(files()).hasSize(1);
        records.remove(region.id(), process);
        assertThat(files()).isEmpty();
    }

    @Test
    void shouldForgetAWriterThatHasEnded() throws Exception {
        WriterRecords records = new WriterRecords(data);
        records.add(region.id(), process);
        program.destroyForcibly().waitFor();
        records.remove(region.id(), process);
        assertThat(files()).isEmpty();
    }

    @Test
    void shouldWaitForAHiddenWriterOfTheRunBeforeAndForNobodyElse() throws Exception {
        WriterRecords records = nextRun();

        assertThat(writers(records, true).hasHidden(region)).isTrue();
        assertThat(records.earlier(region.id() + 1)).isEmpty();
        assertThat(writers(records, false).hasHidden(region))
                .as("one that can be seen is judged by what is seen")
                .isFalse();
        assertThat(files()).isEmpty();
    }

    @Test
    void shouldNotTakeAnotherProcessWithItsNumberForIt() throws Exception {
        WriterRecords records = nextRun();
        String name = files().get(0);
        String other = name.substring(0, name.lastIndexOf('.')) + ".1";
        Files.move(
                data.resolve("writers").resolve(name), data.resolve("writers").resolve(other));

        assertThat(writers(new WriterRecords(data), true).hasHidden(region)).isFalse();
        assertThat(records.earlier(region.id())).hasSize(1);
    }

    @Test
    void shouldForgetWhatStandsThereOfAnotherBoot() throws Exception {
        String name = "00000000-0000-0000-0000-000000000000." + region.id() + "." + process.pid() + ".1";
        Files.createDirectories(data.resolve("writers"));
        Files.createFile(data.resolve("writers").resolve(name));
        assertThat(new WriterRecords(data).earlier(region.id())).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void shouldGoOnWhenAHiddenWriterAsksForItsRegionAnew() throws Exception {
        WriterRecords records = nextRun();
        CompletableFuture<Void> over = endHidden(records);

        records.asks(region.id(), process);

        over.get(20, TimeUnit.SECONDS);
        assertThat(program.isAlive()).isTrue();
        assertThat(files()).isEmpty();
    }

    @Test
    void shouldGoOnWhenAHiddenWriterHasEnded() throws Exception {
        CompletableFuture<Void> over = endHidden(nextRun());
        assertThat(over).isNotDone();
        program.destroyForcibly();
        over.get(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldEndAHiddenWriterThatDoesNotComeBack() throws Exception {
        endHidden(nextRun()).get(30, TimeUnit.SECONDS);
        assertThat(program.waitFor()).isEqualTo(128 + 9);
    }

    private CompletableFuture<Void> endHidden(WriterRecords records) {
        return CompletableFuture.runAsync(() -> {
            try {
                writers(records, true).endHidden(region);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
