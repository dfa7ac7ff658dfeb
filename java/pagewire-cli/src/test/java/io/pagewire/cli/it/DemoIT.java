package io.pagewire.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.cli.actor.Picture;
import io.pagewire.testkit.FairClock;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The demo and the benchmark, to their end and stopped half-way. Thread rule: one thread a test. */
class DemoIT {
    @TempDir
    private Path folder;

    @Test
    void shouldShowTheMainJobAndLeaveNothingBehind() throws IOException {
        Path file = folder.resolve("picture.png");
        Run run = Run.dsmctl(null, "demo", "--json", "--picture", file.toString());
        assertThat(run.status()).as(run.err()).isZero();
        JsonNode result = run.json();
        assertThat(result.path("ok").asBoolean()).isTrue();
        assertThat(result.path("seconds").asDouble()).isPositive();
        assertThat(result.path("file").path("equal").asBoolean()).isTrue();
        assertThat(result.path("file").path("bytes").asLong()).isGreaterThan(50_000_000);
        assertThat(result.path("file").path("faults").asLong()).isPositive();
        assertThat(result.path("list").path("nodes").asInt()).isEqualTo(10_000);
        assertThat(result.path("updates").path("backwards").asInt()).isZero();
        assertThat(result.path("updates").path("purges").asLong()).isPositive();
        assertThat(result.path("updates").path("fetches").asLong()).isPositive();
        assertThat(result.path("latency").path("remoteReadFault").path("ratio").asDouble())
                .isPositive();
        assertFilm(result.path("film"), file);
        for (String host : List.of("a", "b")) {
            long pid = result.path("hosts").path(host).path("pid").asLong();
            assertThat(ProcessHandle.of(pid)).as("dsmd of " + host).isEmpty();
        }
    }

    private static void assertFilm(JsonNode film, Path file) throws IOException {
        assertThat(film.path("frames").asLong()).isGreaterThan(20);
        assertThat(film.path("verified")).isEqualTo(film.path("frames"));
        assertThat(film.path("fps").asDouble()).isBetween(1.0, 61.0);
        assertThat(film.path("gbps").asDouble()).isPositive();
        for (String side : List.of("producer", "consumer")) {
            double mean = film.path(side).path("swapMeanUs").asDouble();
            assertThat(mean).as(side).isPositive();
            assertThat(film.path(side).path("swapMaxUs").asDouble()).isGreaterThanOrEqualTo(mean);
        }
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(image.getWidth()).isEqualTo(Picture.WIDTH);
        assertThat(image.getHeight()).isEqualTo(Picture.HEIGHT);
        int[] pixels = image.getRGB(0, 0, Picture.WIDTH, Picture.HEIGHT, null, 0, Picture.WIDTH);
        long number = film.path("keptFrame").asLong();
        assertThat(number).isBetween(1L, film.path("frames").asLong());
        int[] drawn = new int[Picture.PIXELS];
        new Picture().draw(number, drawn);
        assertThat(Arrays.mismatch(pixels, drawn)).isNegative();
    }

    @Test
    void shouldMeasureInTheShapeThatIsPromised() {
        Run run = Run.dsmctl(null, "bench", "--pages", "300", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        for (String kind :
                List.of("remoteReadFault", "localFault", "writeFault", "remoteWriteFault", "upgrade", "handOver")) {
            JsonNode figure = run.json().path(kind);
            assertThat(figure.path("p50us").asDouble()).as(kind).isPositive();
            assertThat(figure.path("p99us").asDouble())
                    .isGreaterThanOrEqualTo(figure.path("p50us").asDouble());
            assertThat(figure.path("rawP50us").asDouble()).isPositive();
            assertThat(figure.path("ratio").asDouble()).isPositive();
        }
        for (String kind : List.of("scan", "scanUnderPressure")) {
            JsonNode scan = run.json().path(kind);
            assertThat(scan.path("gbps").asDouble()).as(kind).isPositive();
            assertThat(scan.path("rawGbps").asDouble()).isPositive();
            assertThat(scan.path("ratio").asDouble()).isPositive();
        }
        assertThat(run.json().path("randomAccess").path("pages").asInt()).isEqualTo(1_000_000);
        assertThat(run.json().path("randomAccess").path("ratio").asDouble()).isPositive();
        assertThat(run.json().path("daemonMemory").path("homeBytesPerPage").asDouble())
                .isPositive();
        assertThat(run.json().path("daemonMemory").path("clientBytesPerPage").asDouble())
                .isPositive();
    }

    @Test
    void shouldMeasureOnePartAlone() {
        Run run = Run.dsmctl(null, "bench", "--pages", "300", "--only", "remote-write", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json().fieldNames()).toIterable().containsExactly("remoteWriteFault", "upgrade");
    }

    @Test
    void shouldMeasureFrameStreamsBesideBlocksOfTheirSize() {
        Run run = Run.dsmctl(null, "bench", "streams", "--pages", "300", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json().fieldNames()).toIterable().containsExactly("streams");
        List<Long> sizes = new ArrayList<>();
        for (JsonNode row : run.json().path("streams").path("sizes")) {
            sizes.add(row.path("frameSize").asLong());
            for (String figure : List.of("gbps", "rawGbps", "ratio", "cpuSecondsPerGb", "rawCpuSecondsPerGb")) {
                assertThat(row.path(figure).asDouble()).as(figure).isPositive();
            }
            assertThat(row.path("framesSeen").asLong())
                    .isEqualTo(row.path("framesSent").asLong())
                    .isPositive();
            assertThat(row.path("bytesSeen").asLong())
                    .isEqualTo(row.path("framesSeen").asLong()
                            * row.path("frameSize").asLong());
            for (String swaps : List.of("swapUntouched", "swapPopulated")) {
                assertThat(row.path(swaps).path("meanUs").asDouble()).as(swaps).isPositive();
                assertThat(row.path(swaps).path("maxUs").asDouble())
                        .isGreaterThanOrEqualTo(row.path(swaps).path("p50us").asDouble());
            }
        }
        assertThat(sizes).containsExactly(64L << 10, 1L << 20, 8L << 20, 32L << 20);
    }

    @ParameterizedTest
    @CsvSource({"demo, a exports", "bench, bench: write faults"})
    void shouldLeaveNothingBehindOnInterrupt(String command, String until) throws Exception {
        // A build that runs in the background ignores SIGINT, and so would all its children.
        ProcessBuilder builder = Run.builder(List.of("env", "--default-signal=INT", Run.launcher(), command));
        builder.environment().put("PAGEWIRE_DSMCTL_OPTS", "-Djava.io.tmpdir=" + folder);
        Process demo = builder.redirectErrorStream(true).start();
        try {
            BufferedReader out = demo.inputReader();
            StringBuilder said = new StringBuilder();
            String line = out.readLine();
            while (line != null && !line.contains(until)) {
                said.append(line).append('\n');
                line = out.readLine();
            }
            assertThat(line).as(said.toString()).isNotNull();
            List<ProcessHandle> children = demo.descendants().toList();
            assertThat(children).hasSizeGreaterThanOrEqualTo(4);
            interrupt(demo.pid());
            assertThat(FairClock.ends(demo, Duration.ofSeconds(20))).isTrue();
            assertThat(demo.exitValue()).isNotZero();
            Awaitility.await()
                    .forever()
                    .failFast(FairClock.over(Duration.ofSeconds(10)))
                    .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left).isEmpty();
            }
        } finally {
            demo.destroyForcibly();
        }
    }

    private static void interrupt(long pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-INT", Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }
}
