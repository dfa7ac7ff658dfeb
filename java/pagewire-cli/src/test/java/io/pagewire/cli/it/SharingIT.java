package io.pagewire.cli.it;

import static io.pagewire.cli.it.DsmctlIT.fails;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pagewire.cli.hosts.PrivateHosts;
import io.pagewire.testkit.FairClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers, sharing types, memory pressure and the live views of {@code dsmctl}, against two real daemons of which the second has
 * few frames. Thread rule: one thread a test.
 */
class SharingIT {
    private static final long FRAMES = 4 << 20;

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
        b = hosts.startBeside("b", first, "--frames-max", Long.toString(FRAMES)).socket();
    }

    @AfterAll
    static void stop() {
        hosts.close();
    }

    @Test
    void shouldBringHomeWhatAnotherHostPutsWhereAnyHostWrites() {
        byte[] bytes = random(100_000);
        Run created = Run.dsmctl(a, "create", "any", "--size", "1M", "--writers", "any");
        assertThat(created.status()).as(created.err()).isZero();
        assertThat(created.out()).contains("written by any host");
        assertThat(region(b, "any").path("writers").asText()).isEqualTo("any");

        Run put = Run.dsmctl(b, bytes, "put", "any", "--offset", "5000");
        assertThat(put.status()).as(put.err()).isZero();

        Run cat = Run.dsmctl(a, "cat", "any", "--offset", "5000", "--length", "100000");
        assertThat(cat.bytes()).as(cat.err()).isEqualTo(bytes);
        assertThat(Run.dsmctl(b, "force", "any").out()).isEqualTo("forced any\n");
        assertThat(Run.dsmctl(a, "regions").out()).containsPattern("any .* any +created");
    }

    @Test
    void shouldSayWhoWritesWhereOnlyTheOwnerDoes() {
        assertThat(Run.dsmctl(a, "create", "owners", "--size", "4K", "--writers", "owner")
                        .status())
                .isZero();
        Run put = Run.dsmctl(b, new byte[] {1}, "put", "owners");
        fails(put, "region 'owners' is written on its owning host a only");
        assertThat(put.err()).contains("--writers any");
        assertThat(Run.dsmctl(a, "cat", "owners").bytes()).isEqualTo(new byte[4096]);
    }

    @Test
    void shouldExportAFileThatAnyHostWritesAndForcesToDisk() throws IOException {
        Path file = Files.write(folder.resolve("shared"), new byte[20_000]);
        Run export = Run.dsmctl(a, "export", "shared", file.toString(), "--writers", "any");
        assertThat(export.status()).as(export.err()).isZero();

        Run put = Run.dsmctl(b, "from b".getBytes(StandardCharsets.UTF_8), "put", "shared", "--offset", "10000");
        assertThat(put.status()).as(put.err()).isZero();

        assertThat(Arrays.copyOfRange(Files.readAllBytes(file), 10_000, 10_006))
                .isEqualTo("from b".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldReadAFileIntoMemoryInAdvance() throws IOException {
        byte[] bytes = random(3_000_000);
        Path file = Files.write(folder.resolve("resident"), bytes);
        Run export = Run.dsmctl(a, "export", "resident", file.toString(), "--resident", "--json");
        assertThat(export.status()).as(export.err()).isZero();
        assertThat(export.json().path("resident").asBoolean()).isTrue();
        assertThat(region(a, "resident").path("residentBytes").asLong()).isGreaterThanOrEqualTo(bytes.length);
        assertThat(Run.dsmctl(a, "regions").out()).contains("file, resident 100%");
        assertThat(Run.dsmctl(b, "cat", "resident").bytes()).isEqualTo(bytes);
        fails(
                Run.dsmctl(a, "export", "nothing", folder.resolve("nothing").toString(), "--resident"),
                folder.resolve("nothing").toString());
    }

    @Test
    void shouldPublishWhatIsPutIntoAPreloadedMapping() {
        assertThat(Run.dsmctl(a, "create", "loaded", "--size", "1M", "--writers", "any")
                        .status())
                .isZero();
        byte[] bytes = random(10_000);
        Run put = Run.dsmctl(b, bytes, "put", "loaded", "--offset", "4096", "--preloaded", "--json");
        assertThat(put.status()).as(put.err()).isZero();
        assertThat(put.json().path("pagesPublished").asLong()).isEqualTo(3);

        Run cat = Run.dsmctl(a, "cat", "loaded", "--offset", "4096", "--length", "10000");
        assertThat(cat.bytes()).as(cat.err()).isEqualTo(bytes);
        Run back = Run.dsmctl(b, "cat", "loaded", "--offset", "4096", "--length", "10000", "--preloaded");
        assertThat(back.bytes()).as(back.err()).isEqualTo(bytes);
    }

    @Test
    void shouldKeepARegionMappedForAWhileWithoutAFault() throws IOException {
        assertThat(Run.dsmctl(a, "create", "kept", "--size", "1M").status()).isZero();
        Run map = Run.dsmctl(
                b, "map", "kept", "--preloaded", "--read-only", "--period", "100ms", "--for", "500ms", "--json");
        assertThat(map.status()).as(map.err()).isZero();
        List<JsonNode> events = lines(map.out());
        assertThat(events).hasSize(2);
        assertThat(events.get(0).path("event").asText()).isEqualTo("mapped");
        assertThat(events.get(0).path("sharingType").asInt()).isEqualTo(3);
        assertThat(events.get(0).path("address")).isEqualTo(region(a, "kept").path("base"));
        assertThat(events.get(1).path("event").asText()).isEqualTo("unmapped");
        assertThat(events.get(1).path("seconds").asDouble()).isGreaterThanOrEqualTo(0.5);
        assertThat(events.get(1).path("handlerEntries").asLong()).isZero();

        Run text = Run.dsmctl(a, "map", "kept", "--for", "1ms");
        assertThat(text.out().lines().toList()).hasSize(2);
        assertThat(text.out()).startsWith("mapped kept at 0x").contains("type 1 demand", "unmapped kept after");
    }

    @Test
    void shouldUnmapInOrderAtTheEndOfInputAndOnInterrupt() throws Exception {
        assertThat(Run.dsmctl(a, "create", "held", "--size", "1M").status()).isZero();
        assertThat(Run.dsmctl(a, "map", "held").out()).contains("mapped held", "unmapped held");

        ProcessBuilder builder = Run.builder(
                List.of("env", "--default-signal=INT", Run.launcher(), "--socket", a.toString(), "map", "held"));
        Process map = builder.redirectErrorStream(true).start();
        try {
            BufferedReader out = map.inputReader();
            assertThat(out.readLine()).startsWith("mapped held");
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(map.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(out.readLine()).startsWith("unmapped held");
            assertThat(FairClock.ends(map, Duration.ofSeconds(20))).isTrue();
        } finally {
            map.destroyForcibly();
        }
    }

    @Test
    void shouldDrawTheMapOfAPageTable() {
        assertThat(Run.dsmctl(a, "create", "drawn", "--size", "1M").status()).isZero();
        Run map = Run.dsmctl(a, "pages", "drawn", "--map");
        assertThat(map.status()).as(map.err()).isZero();
        List<String> lines = map.out().lines().toList();
        assertThat(lines.get(0)).isEqualTo("drawn: 256 pages of 4 KiB");
        assertThat(lines.get(1)).matches("  #0  [.#w~dr]{64}");
        assertThat(lines.get(4)).matches("#192  [.#w~dr]{64}");
        assertThat(map.out()).contains("# present ", "r on another host ");
    }

    @Test
    void shouldShowAPageTableAgainAndAgain() {
        assertThat(Run.dsmctl(a, "create", "watched", "--size", "64K").status()).isZero();
        Run once = Run.dsmctl(a, "pages", "watched", "--map");
        Run twice = Run.dsmctl(a, "pages", "--watch", "0.1", "--count", "2", "watched", "--map");
        assertThat(twice.status()).as(twice.err()).isZero();
        assertThat(twice.out()).isEqualTo(once.out() + "\n" + once.out());
        assertThat(Run.dsmctl(a, "pages", "--watch", "watched", "--count", "1", "--map")
                        .out())
                .isEqualTo(once.out());
    }

    @Test
    void shouldReadAndWriteARegionThatIsLargerThanTheFramesOfThisHost() {
        byte[] bytes = random((int) (4 * FRAMES));
        assertThat(Run.dsmctl(a, "create", "large", "--size", Long.toString(4 * FRAMES), "--writers", "any")
                        .status())
                .isZero();
        Run put = Run.dsmctl(b, bytes, "put", "large");
        assertThat(put.status()).as(put.err()).isZero();
        assertThat(Run.dsmctl(a, "cat", "large").bytes()).isEqualTo(bytes);
        Run cat = Run.dsmctl(b, "cat", "large");
        assertThat(cat.bytes()).as(cat.err()).isEqualTo(bytes);

        JsonNode frames = Run.dsmctl(b, "status", "--json").json().path("frames");
        assertThat(frames.path("max").asLong()).isEqualTo(FRAMES);
        assertThat(frames.path("used").asLong()).isLessThanOrEqualTo(FRAMES);
        assertThat(Run.dsmctl(b, "status").out()).containsPattern("frames +.* of 4 MiB used");
    }

    private static JsonNode region(Path socket, String name) {
        for (JsonNode region : Run.dsmctl(socket, "regions", "--json").json().path("regions")) {
            if (region.path("name").asText().equals(name)) {
                return region;
            }
        }
        throw new AssertionError("no region " + name);
    }

    private static List<JsonNode> lines(String text) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            lines.add(mapper.readTree(line));
        }
        return lines;
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
