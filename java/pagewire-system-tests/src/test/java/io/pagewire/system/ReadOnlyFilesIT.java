package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files that can be read and not be opened for writing: they are exported to be read, and whoever exports them is told (SPEC: V9). */
@ExtendWith(LogsOnFailure.class)
class ReadOnlyFilesIT {
    private static final int PAGE = 4096;

    @TempDir
    Path folder;

    private Cluster cluster;
    private Host a;
    private App onA;
    private App onB;

    @BeforeEach
    void open() {
        cluster = new Cluster(folder);
        cluster.host("directory");
        a = cluster.prepare("a");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void connect(String... under) {
        onA = cluster.app(a, under);
        onB = cluster.app(cluster.host("b"));
    }

    private void canOnlyBeRead(Path file, String reason) {
        assertThat(onA.ask("export-told", "file", file))
                .contains("region file can only be read")
                .contains(file.toString())
                .contains(reason);
        onA.ask("map", "file");
        onB.ask("map", "file");
        assertThat(onB.ask("sha256", "file")).isEqualTo(onA.ask("sha256", "file"));
        AppFailure stored = catchThrowableOfType(AppFailure.class, () -> onA.ask("put", "file", 0, 1));
        assertThat(stored).isNotNull();
        AppFailure shared = catchThrowableOfType(AppFailure.class, () -> onA.ask("export-any", "other", file, PAGE));
        assertThat(shared).isNotNull();
        assertThat(shared.getMessage()).contains("cannot be opened for writing").contains(reason);
        cluster.endApps();
    }

    private static Process run(String... command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Test
    void shouldExportAProgramThatRuns() throws Exception {
        a.start();
        connect();
        Path program = Files.copy(Path.of("/bin/sleep"), folder.resolve("program"));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        Process running = run(program.toString(), "600");
        try {
            Await.until("the program to run")
                    .until(() -> Files.isSameFile(Path.of("/proc/" + running.pid() + "/exe"), program));
            canOnlyBeRead(program, "ETXTBSY");
        } finally {
            running.destroy();
            Await.exitOf(running);
        }
    }

    @Test
    void shouldExportAFileThatCanOnlyBeAppendedTo() throws Exception {
        Path file = Files.write(folder.resolve("log"), new byte[3 * PAGE]);
        assumeTrue(Await.exitOf(run("chattr", "+a", file.toString())) == 0, "no append-only files here");
        try {
            a.start();
            connect();
            canOnlyBeRead(file, "append-only");
        } finally {
            Await.exitOf(run("chattr", "-a", file.toString()));
        }
    }

    @Test
    void shouldExportAFileOfAReadOnlyFileSystem() throws Exception {
        Path mounted = Files.createDirectories(folder.resolve("mounted"));
        Path file = Files.write(mounted.resolve("file"), new byte[3 * PAGE]);
        String mount = "mount --bind mounted mounted && mount -o remount,bind,ro mounted";
        List<String> command =
                List.of("unshare", "-m", "sh", "-c", "cd " + folder + " && " + mount + " && exec \"$@\"", "-");
        assumeTrue(MissingCallsIT.works(command), "nothing can be mounted here");
        a.under(command);
        a.start();
        connect("nsenter", "-t", Long.toString(a.pid()), "-m");

        canOnlyBeRead(file, "EROFS");
    }
}
