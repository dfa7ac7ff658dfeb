package io.pagewire.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.cli.hosts.PrivateHosts;
import io.pagewire.testkit.FairClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Bytes through pipes into {@code dsmctl stream} on one host and out of it on others: the same SHA-256 (SPEC: V12). Thread rule:
 * one thread a test.
 */
class StreamPipeIT {
    private static final int DEADLINE_SECONDS = 120;

    private static PrivateHosts hosts;
    private static Path a;
    private static Path b;
    private static int streams;

    @TempDir
    private Path folder;

    private final List<Process> started = new ArrayList<>();

    @BeforeAll
    static void start() {
        hosts = new PrivateHosts();
        var first = hosts.startFirst("a");
        a = first.socket();
        b = hosts.startBeside("b", first).socket();
    }

    @AfterAll
    static void stop() {
        hosts.close();
    }

    @AfterEach
    void endPrograms() {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** {@code cat IN | dsmctl stream NAME --in - OPTIONS}, or the end of such a pipe. */
    private Process start(String script, Path socket) throws IOException {
        ProcessBuilder builder = Run.builder(List.of("bash", "-c", "set -o pipefail; " + script));
        builder.environment().put("DSMCTL", Run.launcher());
        builder.environment().put("PAGEWIRE_SOCKET", socket.toString());
        Path errors = folder.resolve("errors-" + started.size());
        Process process = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(errors.toFile())
                .start();
        started.add(process);
        return process;
    }

    private void ends(Process process, int status) throws IOException, InterruptedException {
        String errors = Files.readString(folder.resolve("errors-" + started.indexOf(process)));
        assertThat(FairClock.ends(process, Duration.ofSeconds(DEADLINE_SECONDS)))
                .as(errors)
                .isTrue();
        errors = Files.readString(folder.resolve("errors-" + started.indexOf(process)));
        assertThat(process.exitValue()).as(errors).isEqualTo(status);
    }

    private Path random(long bytes) throws IOException {
        byte[] content = new byte[(int) bytes];
        new Random(bytes).nextBytes(content);
        return Files.write(folder.resolve("in"), content);
    }

    private static String sha256(Path file) throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 64K, 4, consumer, b",
        "1, 64K, 2, producer, b",
        "65535, 64K, 4, consumer, a",
        "65536, 64K, 4, producer, b",
        "65537, 64K, 2, consumer, b",
        "30000001, 1000, 16, producer, b",
        "30000001, 100001, 3, consumer, b",
        "300000007, 8M, 4, producer, b",
        "300000007, 8M, 2, consumer, b",
        "300000007, 8M, 2, producer, a"
    })
    void shouldBringTheSameBytes(long bytes, String frameSize, int frames, String first, String consumerOn)
            throws Exception {
        String name = "pipe-" + ++streams;
        Path in = random(bytes);
        Path out = folder.resolve("out");
        String producer = "cat " + in + " | $DSMCTL stream " + name + " --in - --wait 60s --frame-size " + frameSize
                + " --frames " + frames;
        String consumer = "$DSMCTL stream " + name + " --wait 60s --frames " + frames + " --out - | cat >" + out;
        Path consumersHost = consumerOn.equals("a") ? a : b;
        List<Process> both = new ArrayList<>();
        if (first.equals("producer")) {
            both.add(start(producer, a));
            Awaitility.await()
                    .forever()
                    .failFast(FairClock.over(Duration.ofSeconds(DEADLINE_SECONDS)))
                    .until(() -> Run.dsmctl(a, "streams", "--json").out().contains("\"" + name + "\""));
            both.add(start(consumer, consumersHost));
        } else {
            both.add(start(consumer, consumersHost));
            both.add(start("sleep 2; " + producer, a)); // by then the consumer waits, on most machines
        }
        for (Process process : both) {
            ends(process, 0);
        }
        assertThat(sha256(out)).isEqualTo(sha256(in));
    }

    @Test
    void shouldReadAndWriteFiles() throws Exception {
        Path in = random(5_000_001);
        Path out = folder.resolve("out");
        Process to = start("$DSMCTL stream files --wait 60s --out " + out, b);
        ends(start("$DSMCTL stream files --in " + in + " --frame-size 1M --wait 60s", a), 0);
        ends(to, 0);
        assertThat(sha256(out)).isEqualTo(sha256(in));
    }

    @Test
    void shouldNotTakeTheDeathOfAProducerForTheEndOfItsBytes() throws Exception {
        Path out = folder.resolve("out");
        Process from =
                start("(head -c 300000 /dev/zero; sleep 100) | exec $DSMCTL stream dies --in - --frame-size 100K", a);
        Process to = start("$DSMCTL stream dies --wait 60s --out " + out, b);
        Awaitility.await()
                .forever()
                .failFast(FairClock.over(Duration.ofSeconds(DEADLINE_SECONDS)))
                .until(() -> Files.exists(out) && Files.size(out) >= 204_800);
        from.descendants().forEach(ProcessHandle::destroyForcibly);

        ends(to, 1);

        assertThat(Files.readString(folder.resolve("errors-1")))
                .contains("dies")
                .contains("producer");
    }
}
