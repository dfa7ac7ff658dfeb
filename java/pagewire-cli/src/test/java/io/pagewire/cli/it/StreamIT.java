package io.pagewire.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.cli.hosts.PrivateHosts;
import io.pagewire.testkit.FairClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes through streams between two real daemons, as a user sends them (SPEC: V12). Thread rule: one thread a test, and one for
 * each command that runs beside it.
 */
class StreamIT {
    private static PrivateHosts hosts;
    private static Path a;
    private static Path b;

    @TempDir
    private Path folder;

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

    private static CompletableFuture<Run> begin(Path socket, byte[] input, String... args) {
        return CompletableFuture.supplyAsync(() -> Run.dsmctl(socket, input, args), StreamIT::onItsOwnThread);
    }

    /** Two commands of a test wait for each other; the common pool may have one thread for both. */
    private static void onItsOwnThread(Runnable command) {
        Thread thread = new Thread(command, "dsmctl");
        thread.setDaemon(true);
        thread.start();
    }

    private static void succeeded(Run run) {
        assertThat(run.status()).as(run.err()).isZero();
    }

    private static JsonNode streams(Path socket) {
        return Run.dsmctl(socket, "streams", "--json").json().path("streams");
    }

    private static JsonNode stream(Path socket, String name) {
        for (JsonNode stream : streams(socket)) {
            if (stream.path("name").asText().equals(name)) {
                return stream;
            }
        }
        return null;
    }

    /** The producer has published. */
    private static void awaitStream(String name) {
        Awaitility.await()
                .forever()
                .failFast(FairClock.over(Duration.ofSeconds(20)))
                .until(() -> stream(a, name) != null);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 64K",
        "1, 1",
        "99, 10",
        "65536, 64K",
        "65537, 64K",
        "3000001, 4099",
        "40000000, 1M",
        "70000000, 8M",
        "9000000, 32M",
    })
    void shouldCarryEveryByteToBothHosts(int size, String frameSize) {
        byte[] bytes = random(size);
        String name = "carry-" + size;
        CompletableFuture<Run> there = begin(b, new byte[0], "stream", name, "--out", "-");
        CompletableFuture<Run> in = begin(a, bytes, "stream", name, "--in", "-", "--frame-size", frameSize, "--json");
        Run out = there.join();
        succeeded(out);
        assertThat(Arrays.equals(out.bytes(), bytes)).isTrue();
        Run sent = in.join();
        succeeded(sent);
        assertThat(sent.json().path("bytes").asLong()).isEqualTo(size);
        assertThat(stream(a, name)).isNull();
    }

    @Test
    void shouldKeepWhatWasSentBeforeTheFirstConsumerCame() throws Exception {
        byte[] bytes = random(5_000_000);
        Path from = Files.write(folder.resolve("from"), bytes);
        Path err = folder.resolve("err");
        Process in = Run.builder(List.of(
                        Run.launcher(),
                        "--socket",
                        a.toString(),
                        "stream",
                        "early",
                        "--in",
                        from.toString(),
                        "--frame-size",
                        "1M"))
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(err.toFile())
                .start();
        String note = "waiting up to 30 s for a consumer of stream 'early'";
        Awaitility.await()
                .forever()
                .failFast(FairClock.over(Duration.ofSeconds(20)))
                .until(() -> Files.readString(err).contains(note));
        Run out = Run.dsmctl(b, "stream", "early", "--out", "-", "--json");
        succeeded(out);
        assertThat(Arrays.equals(out.bytes(), bytes)).isTrue();
        assertThat(out.err()).contains("\"frames\" : 5");
        assertThat(FairClock.ends(in, Duration.ofSeconds(20))).isTrue();
        assertThat(in.exitValue()).isZero();
        assertThat(Files.readString(folder.resolve("out"))).startsWith("sent 5 frames, 4.8 MiB, in ");
    }

    @Test
    void shouldWriteAFileOnTheProducersHost() throws IOException {
        byte[] bytes = random(2_500_000);
        Path from = Files.write(folder.resolve("from"), bytes);
        Path to = Files.write(folder.resolve("to"), random(3_000_000));
        CompletableFuture<Run> out = begin(a, new byte[0], "stream", "file", "--out", to.toString());
        succeeded(Run.dsmctl(a, "stream", "file", "--in", from.toString(), "--frame-size", "100K"));
        succeeded(out.join());
        assertThat(out.join().out()).startsWith("received 25 frames, 2.4 MiB, in ");
        assertThat(to).hasBinaryContent(bytes);
    }

    @Test
    void shouldListAStreamWithItsEnds() throws Exception {
        Process in = producer("listed", List.of("--frame-size", "64K", "--frames", "3"));
        try {
            OutputStream input = in.getOutputStream();
            input.write(random(1 << 16));
            input.flush();
            awaitStream("listed");
            CompletableFuture<Run> out = begin(b, new byte[0], "stream", "listed", "--out", "-");
            Awaitility.await()
                    .forever()
                    .failFast(FairClock.over(Duration.ofSeconds(20)))
                    .until(() -> Run.dsmctl(b, "streams").out().contains("client"));
            assertThat(Run.dsmctl(a, "streams").out()).contains("NAME", "listed", "home", "64 KiB");
            input.close();
            succeeded(out.join());
            assertThat(out.join().bytes()).hasSize(1 << 16);
            assertThat(FairClock.ends(in, Duration.ofSeconds(20))).isTrue();
            assertThat(in.exitValue()).isZero();
        } finally {
            in.destroyForcibly();
        }
        assertThat(Run.dsmctl(b, "streams").out()).doesNotContain("listed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM", "INT"})
    void shouldTellConsumersThatTheProducerWasStopped(String signal) throws Exception {
        String name = "stopped-" + signal;
        byte[] bytes = random(1 << 16);
        Process in = producer(name, List.of("--frame-size", "64K"));
        try (OutputStream input = in.getOutputStream()) {
            CompletableFuture<Run> out = begin(b, new byte[0], "stream", name, "--out", "-");
            input.write(bytes);
            input.write(bytes, 0, 1000);
            input.flush();
            Awaitility.await()
                    .forever()
                    .failFast(FairClock.over(Duration.ofSeconds(20)))
                    .until(() -> Run.dsmctl(b, "streams").out().contains(name));
            signal(in.pid(), signal);
            Run consumer = out.join();
            DsmctlIT.fails(consumer, name);
            assertThat(consumer.bytes()).isEqualTo(bytes);
        }
        assertThat(FairClock.ends(in, Duration.ofSeconds(20))).isTrue();
        assertThat(in.exitValue()).isNotZero();
        assertThat(stream(a, name)).isNull();
    }

    @Test
    void shouldNotFinishAStreamWhoseInputCannotBeRead() {
        CompletableFuture<Run> out = begin(b, new byte[0], "stream", "unread", "--out", "-");
        DsmctlIT.fails(Run.dsmctl(a, "stream", "unread", "--in", folder.toString()), "cannot read " + folder);
        DsmctlIT.fails(
                Run.dsmctl(a, "stream", "unread", "--in", folder.resolve("none").toString()), "there is no file");
        Run consumer = out.join();
        assertThat(consumer.status()).isEqualTo(1);
        assertThat(consumer.bytes()).isEmpty();
    }

    @Test
    void shouldSkipRatherThanHoldTheProducerUp() throws Exception {
        // The frames are numbers, each a frame of its own, and the consumer's output is not read for a while.
        Process in = producer("latest", List.of("--frame-size", "64K"));
        Process out = Run.builder(
                        List.of(Run.launcher(), "--socket", b.toString(), "stream", "latest", "--out", "-", "--latest"))
                .redirectError(folder.resolve("latest.err").toFile())
                .start();
        try (InputStream output = out.getInputStream()) {
            OutputStream input = in.getOutputStream();
            byte[] frame = new byte[1 << 16];
            for (int number = 1; number <= 200; number++) {
                Arrays.fill(frame, (byte) number);
                input.write(frame);
            }
            input.close();
            assertThat(FairClock.ends(in, Duration.ofSeconds(60))).isTrue();
            assertThat(in.exitValue()).isZero();
            int last = 0;
            for (byte[] seen = output.readNBytes(1 << 16); seen.length > 0; seen = output.readNBytes(1 << 16)) {
                assertThat(seen).hasSize(1 << 16);
                assertThat(seen[0] & 0xFF).isGreaterThan(last);
                last = seen[0] & 0xFF;
                assertThat(seen).containsOnly(seen[0]);
            }
            assertThat(last).isEqualTo(200);
        } finally {
            in.destroyForcibly();
        }
        assertThat(FairClock.ends(out, Duration.ofSeconds(20))).isTrue();
        assertThat(Files.readString(folder.resolve("latest.err"))).containsPattern("skipped [0-9]+ of [0-9]+ frames");
        assertThat(out.exitValue()).isZero();
    }

    @Test
    void shouldDropAConsumerThatHoldsTheOthersUp() throws Exception {
        byte[] bytes = random(8 << 20);
        // Nobody reads the output of this one.
        Process stuck = Run.builder(List.of(Run.launcher(), "--socket", b.toString(), "stream", "stuck", "--out", "-"))
                .redirectError(folder.resolve("stuck.err").toFile())
                .start();
        try {
            CompletableFuture<Run> good = begin(a, new byte[0], "stream", "stuck", "--out", "-");
            Process in = producer("stuck", List.of("--frame-size", "256K", "--drop-after", "500ms"));
            try (OutputStream input = in.getOutputStream()) {
                Awaitility.await()
                        .forever()
                        .failFast(FairClock.over(Duration.ofSeconds(20)))
                        .until(() -> consumers("stuck") == 2);
                input.write(bytes);
            }
            succeeded(good.join());
            assertThat(Arrays.equals(good.join().bytes(), bytes)).isTrue();
            assertThat(FairClock.ends(in, Duration.ofSeconds(20))).isTrue();
            assertThat(in.exitValue()).isZero();
            stuck.getInputStream().transferTo(OutputStream.nullOutputStream());
            assertThat(FairClock.ends(stuck, Duration.ofSeconds(20))).isTrue();
            assertThat(stuck.exitValue()).isEqualTo(1);
            assertThat(Files.readString(folder.resolve("stuck.err"))).contains("stuck");
        } finally {
            stuck.destroyForcibly();
        }
    }

    @Test
    void shouldFinishAStreamWhoseConsumerIsSlowAndSayWhoThatIs() throws Exception {
        int frame = 256 << 10;
        byte[] bytes = random(6 * frame);
        // Its output, which holds less than a frame, is not read before the producer has ended.
        Process slow = Run.builder(List.of(Run.launcher(), "--socket", b.toString(), "stream", "slow", "--out", "-"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            Run in = Run.dsmctl(
                    a,
                    bytes,
                    "stream",
                    "slow",
                    "--in",
                    "-",
                    "--frame-size",
                    "256K",
                    "--deadline",
                    "500ms",
                    "--drop-after",
                    "1h");
            DsmctlIT.fails(in, "the stream is finished, but ");
            assertThat(in.err()).contains("not every consumer", "host b");
            assertThat(Arrays.equals(slow.getInputStream().readAllBytes(), bytes))
                    .isTrue();
            assertThat(FairClock.ends(slow, Duration.ofSeconds(20))).isTrue();
            assertThat(slow.exitValue()).isZero();
        } finally {
            slow.destroyForcibly();
        }
    }

    @Test
    void shouldEndQuietlyWhenTheReaderHasSeenEnough() throws Exception {
        CompletableFuture<Run> in =
                begin(a, random(20_000_000), "stream", "head", "--in", "-", "--frame-size", "1M", "--drop-after", "1s");
        ProcessBuilder builder = Run.builder(List.of(
                "bash",
                "-c",
                "\"$0\" --socket \"$1\" stream head --out - | head -c 10 | wc -c; echo ${PIPESTATUS[0]}",
                Run.launcher(),
                b.toString()));
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .endsWith("10\n0\n");
        succeeded(in.join());
    }

    @Test
    void shouldSayWhoDidNotCome() {
        Run in = Run.dsmctl(a, random(100), "stream", "lonely", "--in", "-", "--wait", "500ms");
        DsmctlIT.fails(in, "lonely");
        assertThat(stream(a, "lonely")).isNull();
        Path file = folder.resolve("never");
        DsmctlIT.fails(Run.dsmctl(b, "stream", "nobody", "--out", file.toString(), "--wait", "500ms"), "nobody");
        assertThat(file).doesNotExist();
        succeeded(Run.dsmctl(a, random(100_000), "stream", "let-go", "--in", "-", "--frame-size", "1K", "--discard"));
    }

    @Test
    void shouldHaveOneProducer() throws Exception {
        Process in = producer("one", List.of());
        try {
            awaitStream("one");
            DsmctlIT.fails(Run.dsmctl(a, "stream", "one", "--in", "-"), "one");
            DsmctlIT.fails(Run.dsmctl(b, "stream", "one", "--in", "-"), "one");
        } finally {
            in.destroyForcibly().waitFor();
        }
    }

    private int consumers(String name) {
        JsonNode stream = stream(a, name);
        return stream == null ? 0 : stream.path("consumers").size();
    }

    /** A producer on a whose standard input is ours, and which a signal meets as it meets a program in the foreground. */
    private static Process producer(String name, List<String> options) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of(
                "env", "--default-signal=INT", Run.launcher(), "--socket", a.toString(), "stream", name, "--in", "-"));
        command.addAll(options);
        return Run.builder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void signal(long pid, String signal) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
