package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where the kernel, the file system or a container's filter of calls does not have what is there elsewhere: it works without, or
 * the daemon does not start and says why.
 */
@ExtendWith(LogsOnFailure.class)
class MissingCallsIT {
    private static final int PAGE = 4096;
    private static final int SIZE = 3_000_000; // not whole pages

    @TempDir
    Path folder;

    private Cluster cluster;
    private Host a;
    private App onA;
    private App onB;
    private byte[] content;

    @BeforeEach
    void open() {
        cluster = new Cluster(folder);
        cluster.host("directory");
        a = cluster.prepare("a");
        content = new byte[SIZE];
        new Random(12).nextBytes(content);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private static List<String> without(String... calls) {
        List<String> command = new ArrayList<>(List.of(CProgram.without().toString()));
        command.addAll(List.of(calls));
        command.add("--");
        return command;
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** The owner is up and exports the file as one that every host may write. */
    private void export(Path file, String... under) {
        onA = cluster.app(a, under);
        onB = cluster.app(cluster.host("b"));
        onA.ask("export-any", "file", file, PAGE);
    }

    /** Every way in which bytes of the file leave its owner and come back. */
    private void usesAllOfIt(Path file, String... under) throws Exception {
        export(file, under);
        onB.ask("preload", "file", 0);
        assertThat(onB.ask("sha256", "file")).contains(sha256(content));
        onB.ask("put-byte", "file", 5 * PAGE + 1, 77);
        onB.ask("publish", "file");
        onB.ask("close", "file");
        content[5 * PAGE + 1] = 77;
        onB.ask("map", "file");
        assertThat(onB.ask("sha256", "file")).contains(sha256(content));
        onB.ask("put-byte", "file", SIZE - 1, 99);
        content[SIZE - 1] = 99;
        onB.ask("force", "file");
        onB.ask("close", "file");
        onA.ask("map", "file");
        assertThat(onA.ask("sha256", "file")).contains(sha256(content));
        cluster.endApps();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EOPNOTSUPP", "EPERM", "NOTHING"})
    void shouldServeAFileWhoseBytesCannotBeAskedForWithoutWaiting(String error) throws Exception {
        a.under(without("preadv2=" + error, "sync_file_range=EPERM"));
        a.start();
        Path file = Files.write(folder.resolve("file"), content);

        usesAllOfIt(file);

        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @Test
    void shouldSayThatAFileOfThisKindHasBecomeShorter() throws Exception {
        a.under(without("preadv2=EOPNOTSUPP"));
        a.start();
        Path file = Files.write(folder.resolve("file"), content);
        export(file);
        onB.ask("map", "file");
        try (FileChannel shorter = FileChannel.open(file, StandardOpenOption.WRITE)) {
            shorter.truncate(10L * PAGE);
        }

        ExportedFileIT.assertFileError(onB, "file", 20L * PAGE);
        onB.ask("get", "file", 9L * PAGE);
        ExportedFileIT.assertFileError(onB, "file", 10L * PAGE);
    }

    /** As in most containers: what is read lies in a layer below, and is copied up when it is written. */
    @Test
    void shouldServeAFileOnOverlayfs() throws Exception {
        Path lower = Files.createDirectories(folder.resolve("lower"));
        Path merged = Files.createDirectories(folder.resolve("merged"));
        for (String other : new String[] {"upper", "work"}) {
            Files.createDirectories(folder.resolve(other));
        }
        Files.write(lower.resolve("file"), content);
        String mount = "mount -t tmpfs none upper && mkdir upper/u upper/w && mount -t overlay none merged -o"
                + " lowerdir=lower,upperdir=upper/u,workdir=upper/w";
        List<String> command =
                List.of("unshare", "-m", "sh", "-c", "cd " + folder + " && " + mount + " && exec \"$@\"", "-");
        assumeTrue(works(command), "no overlayfs can be mounted here");
        a.under(command);
        a.start();

        usesAllOfIt(merged.resolve("file"), "nsenter", "-t", Long.toString(a.pid()), "-m");

        Path seen = Path.of("/proc/" + a.pid() + "/root" + merged.resolve("file"));
        assertThat(Files.readAllBytes(seen)).isEqualTo(content);
    }

    /** The daemon in a container, the program outside of it: neither can look after the other. */
    @Test
    void shouldTellAProgramOfAnotherPidNamespaceWhyItIsNotServed() throws Exception {
        List<String> command = List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
        assumeTrue(works(command), "no pid namespace can be made here");
        a.under(command);
        a.start();

        AppFailure failure =
                catchThrowableOfType(AppFailure.class, () -> cluster.app(a).ask("connect"));

        assertThat(failure).isNotNull();
        assertThat(failure.type()).isEqualTo("PermissionDeniedException");
        assertThat(failure.getMessage()).contains("pid namespace").contains("docker run --pid");
    }

    static boolean works(List<String> under) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(under);
        command.add("true");
        Process process = new ProcessBuilder(command).inheritIO().start();
        return Await.exitOf(process) == 0;
    }

    @ParameterizedTest
    @ValueSource(strings = {"pidfd_open", "pidfd_send_signal", "fallocate", "memfd_create"})
    void shouldNotStartWithoutACallThatItNeedsAndSayWhich(String call) {
        a.under(without(call + "=EPERM"));
        a.launch();

        assertThat(a.awaitExit()).isEqualTo(1);
        assertThat(a.log())
                .contains("dsmd needs " + call)
                .contains("EPERM")
                .contains("--security-opt seccomp=unconfined")
                .doesNotContain("\tat ");
    }
}
