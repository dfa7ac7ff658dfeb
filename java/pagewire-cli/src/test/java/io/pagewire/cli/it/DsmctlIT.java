package io.pagewire.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.cli.hosts.PrivateHosts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command against two real daemons, as a user runs it. Thread rule: one thread a test. */
class DsmctlIT {
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

    @Test
    void shouldCreateListShowAndDeleteARegion() {
        Run created = Run.dsmctl(a, "create", "life", "--size", "1M", "--page-size", "64K");
        assertThat(created.status()).as(created.err()).isZero();
        assertThat(created.out()).startsWith("created life: 1 MiB, 16 pages of 64 KiB at 0x66");

        JsonNode region = region(a, "life");
        assertThat(region.path("size").asLong()).isEqualTo(1 << 20);
        assertThat(region.path("pageSize").asLong()).isEqualTo(1 << 16);
        assertThat(region.path("role").asText()).isEqualTo("home");
        assertThat(region.path("owner").asText()).isEqualTo("a");
        assertThat(region(b, "life").path("base")).isEqualTo(region.path("base"));
        assertThat(Run.dsmctl(b, "regions").out()).contains("NAME", "life", "1 MiB");

        assertThat(pagesIn(Run.dsmctl(a, "pages", "life", "--json").json())).isEqualTo(16);
        assertThat(Run.dsmctl(a, "pages", "life").out()).startsWith("life: 16 pages of 64 KiB\n");

        Run deleted = Run.dsmctl(a, "delete", "life");
        assertThat(deleted.status()).as(deleted.err()).isZero();
        assertThat(deleted.out()).isEqualTo("deleted life\n");
        fails(Run.dsmctl(a, "delete", "life"), "life");
        fails(Run.dsmctl(b, "cat", "life"), "life");
        fails(Run.dsmctl(b, "pages", "life"), "life");
    }

    @Test
    void shouldRefuseANameThatIsTaken() {
        assertThat(Run.dsmctl(a, "create", "taken", "--size", "4K").status()).isZero();
        fails(Run.dsmctl(a, "create", "taken", "--size", "4K"), "taken");
        fails(Run.dsmctl(b, "create", "taken", "--size", "8K"), "taken");
    }

    @Test
    void shouldCarryBytesFromPutToCatOnTheOtherHost() {
        byte[] bytes = random(3_000_000);
        assertThat(Run.dsmctl(a, "create", "carry", "--size", "4M").status()).isZero();
        Run put = Run.dsmctl(a, bytes, "put", "carry", "--offset", "5000");
        assertThat(put.status()).as(put.err()).isZero();
        assertThat(put.out()).isEqualTo("wrote 3000000 bytes to carry at offset 5000\n");

        Run cat = Run.dsmctl(b, "cat", "carry", "--offset", "5000", "--length", "3000000");
        assertThat(cat.status()).as(cat.err()).isZero();
        assertThat(cat.bytes()).isEqualTo(bytes);
        assertThat(cat.err()).isEmpty();
        assertThat(Run.dsmctl(b, "cat", "carry", "--length", "5000").bytes()).isEqualTo(new byte[5000]);

        Run json = Run.dsmctl(a, "x".getBytes(StandardCharsets.UTF_8), "put", "carry", "--json");
        assertThat(json.json().path("bytes").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "status",
                "status --json",
                "regions",
                "regions --json",
                "circuits",
                "streams --json",
                "cat full"
            })
    void shouldFailWhenItsOutputCannotBeWritten(String command) {
        Run.dsmctl(a, "create", "full", "--size", "8K");
        Run run = Run.shell(a, command + " >/dev/full");
        assertThat(run.status()).as(run.err()).isEqualTo(1);
        assertThat(run.err().lines().toList())
                .containsExactly("dsmctl: cannot write to standard output: No space left on device");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "status", "regions --json", "cat full"})
    void shouldEndQuietlyWhenNobodyReadsItsOutputToTheEnd(String command) {
        Run.dsmctl(a, "create", "full", "--size", "8K");
        Run run = Run.shell(a, command + " | true; exit ${PIPESTATUS[0]}");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @Test
    void shouldSayWhatWasWrittenWhenInputIsTooLong() {
        assertThat(Run.dsmctl(a, "create", "small", "--size", "8K").status()).isZero();
        byte[] bytes = random(10_000);
        Run put = Run.dsmctl(a, bytes, "put", "small", "--offset", "4096");
        fails(put, "longer than region 'small'");
        assertThat(put.err()).contains("4096 bytes");
        byte[] kept = new byte[4096];
        System.arraycopy(bytes, 0, kept, 0, kept.length);
        assertThat(Run.dsmctl(a, "cat", "small", "--offset", "4096").bytes()).isEqualTo(kept);
        fails(Run.dsmctl(a, bytes, "put", "small", "--offset", "8193"), "beyond the end");
        fails(Run.dsmctl(a, "cat", "small", "--offset", "4K", "--length", "4097"), "4096 bytes from offset 4096");
    }

    @Test
    void shouldExportAFileAndReadItElsewhere() throws IOException {
        byte[] bytes = random(1_234_567);
        Path file = Files.write(folder.resolve("data file"), bytes);
        Run export = Run.dsmctl(a, "export", "file", file.toString(), "--json");
        assertThat(export.status()).as(export.err()).isZero();
        assertThat(export.json().path("size").asLong()).isEqualTo(bytes.length);
        Run cat = Run.dsmctl(b, "cat", "file");
        assertThat(cat.status()).as(cat.err()).isZero();
        assertThat(cat.bytes()).isEqualTo(bytes);

        JsonNode circuits = Run.dsmctl(a, "circuits", "--json").json();
        assertThat(circuits.path("circuits").isArray()).isTrue();
        fails(Run.dsmctl(a, "export", "none", folder.resolve("none").toString()), "none");
        fails(Run.dsmctl(a, "export", "folder", folder.toString()), folder.toString());
    }

    @Test
    void shouldEndQuietlyWhenTheReaderHasSeenEnough() throws Exception {
        assertThat(Run.dsmctl(a, "create", "long", "--size", "32M").status()).isZero();
        ProcessBuilder builder = Run.builder(List.of(
                "bash",
                "-c",
                "\"$0\" --socket \"$1\" cat long | head -c 10 | wc -c; echo ${PIPESTATUS[0]}",
                Run.launcher(),
                a.toString()));
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(out).isEqualTo("10\n0\n");
    }

    @Test
    void shouldTellWhoTheDaemonIs() {
        JsonNode status = Run.dsmctl(b, "status", "--json").json();
        assertThat(status.path("host").asText()).isEqualTo("b");
        assertThat(status.path("directory").path("embedded").asBoolean()).isFalse();
        assertThat(status.path("listen").asText()).startsWith("127.0.0.1:");
        assertThat(Run.dsmctl(a, "status").out()).contains("host", "directory", "embedded here", "EVENT LOOP");
    }

    @Test
    void shouldExamineTheMachine() {
        Run run = Run.dsmctl(a, "doctor", "--json");
        JsonNode answer = run.json();
        assertThat(answer.path("checks").size()).isGreaterThan(10);
        assertThat(run.status()).isEqualTo(answer.path("problems").asInt() == 0 ? 0 : 1);
        assertThat(Run.dsmctl(a, "doctor").out()).containsPattern("ok +dsmd +host a");
        Run without = Run.dsmctl(folder.resolve("none"), "doctor");
        assertThat(without.status()).isZero();
        assertThat(without.out()).containsPattern("warn +dsmd");
    }

    private static JsonNode region(Path socket, String name) {
        for (JsonNode region : Run.dsmctl(socket, "regions", "--json").json().path("regions")) {
            if (region.path("name").asText().equals(name)) {
                return region;
            }
        }
        throw new AssertionError("no region " + name);
    }

    private static long pagesIn(JsonNode pages) {
        long sum = 0;
        for (JsonNode run : pages.path("runs")) {
            assertThat(run.path("first").asLong()).isEqualTo(sum);
            sum += run.path("count").asLong();
        }
        return sum;
    }

    /** Exit code 1, and one line on standard error that has this in it. */
    static void fails(Run run, String reason) {
        assertThat(run.status()).as(run.out() + run.err()).isEqualTo(1);
        assertThat(run.err().lines().toList()).hasSize(1);
        assertThat(run.err()).startsWith("dsmctl: ").contains(reason);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
