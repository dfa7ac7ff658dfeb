package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tools/test --soak} says must be what the reports say, and its load must go with it. */
class SoakIT {
    private static final Path TOOLS = Checkout.root().resolve("tools").resolve("lib");

    private record Ended(int status, String output) {}

    @TempDir
    Path folder;

    private Ended run(List<String> command, String input) throws Exception {
        Path in = Files.writeString(folder.resolve("input"), input);
        Process process = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        return new Ended(process.waitFor(), output);
    }

    private Ended table(String json, String... outcomes) throws Exception {
        List<String> command = new ArrayList<>(List.of("awk", "-F\t"));
        for (String variable : List.of("rounds=3", "burners=2", "seconds=60", "json=" + json)) {
            command.addAll(List.of("-v", variable));
        }
        command.addAll(List.of("-f", TOOLS.resolve("soak-table.awk").toString()));
        return run(command, String.join("\n", outcomes) + "\n");
    }

    @Test
    void shouldCountInHowManyRoundsATestFailedAndKeepItsFirstMessage() throws Exception {
        Ended ended = table(
                "yes",
                "a.B.shouldX\tpassed\t",
                "a.B.shouldX\tfailed\twants \"1\" \\ 2",
                "a.B.shouldX\tfailed\tother",
                "t.guard\tskipped\t");

        JsonNode said = new ObjectMapper().readTree(ended.output());
        assertThat(ended.status()).isEqualTo(1);
        assertThat(said.path("passed").asInt()).isEqualTo(1);
        assertThat(said.path("failed").asInt()).isEqualTo(2);
        assertThat(said.path("skipped").asInt()).isEqualTo(1);
        assertThat(said.path("tests")).hasSize(1);
        assertThat(said.path("tests").get(0).path("name").asText()).isEqualTo("a.B.shouldX");
        assertThat(said.path("tests").get(0).path("failed").asInt()).isEqualTo(2);
        assertThat(said.path("tests").get(0).path("message").asText()).isEqualTo("wants \"1\" \\ 2");
        assertThat(table("no", "x\tpassed\t", "y\tfailed\tlate", "y\tfailed\tlate")
                        .output())
                .contains("y     2/3       late\n")
                .endsWith("1 passed, 2 failed, 0 skipped; 1 of 2 tests failed at least once\n");
    }

    @Test
    void shouldEndWithOneAlsoWhenNothingRan() throws Exception {
        assertThat(table("no", "x\tpassed\t", "y\tskipped\t").status()).isZero();
        assertThat(table("no", "y\tskipped\t").status()).isEqualTo(1);
    }

    @Test
    void shouldReadOutcomesFromReportsOfJavaAndC() throws Exception {
        Path report = Files.writeString(folder.resolve("report.xml"), """
                <testsuite name="x">
                <testcase name="shouldX(int)[1]" classname="a.B"><failure message="&#10;Expecting:&#10;  &lt;a > b&gt;" type="E"><![CDATA[at B.<init>]]></failure></testcase>
                <testcase name="t.guard" classname="t.guard"><failure message="Failed"/><system-out>one
                two &amp; three
                </system-out></testcase>
                <testcase name="s" classname="a.B"><skipped message="none here"/></testcase>
                <testcase name="" classname="a.C"><error type="java.io.IOException"/></testcase>
                <testcase name="p" classname="a.B"/>
                </testsuite>
                """);
        String script = TOOLS.resolve("test-outcomes.awk").toString();

        Ended ended = run(List.of("awk", "-v", "RS=<", "-f", script, report.toString()), "");

        assertThat(ended.output().lines())
                .containsExactly(
                        "a.B.shouldX(int)[1]\tfailed\tExpecting: <a > b>",
                        "t.guard\tfailed\ttwo & three",
                        "a.B.s\tskipped\t",
                        "a.C\tfailed\tjava.io.IOException",
                        "a.B.p\tpassed\t");
    }

    @Test
    void shouldEndItsBusyProcessesHoweverItEnds() throws Exception {
        String burn =
                "source " + TOOLS.resolve("burners.sh") + "; pw_start_burners 2; echo ${pw_burner_ids[@]}; sleep 600";
        Process starter = new ProcessBuilder("bash", "-c", burn).start();
        List<ProcessHandle> burners = burnersOf(starter);
        assertThat(burners).hasSize(2).allMatch(ProcessHandle::isAlive);

        List<ProcessHandle> children = starter.children().toList(); // its sleep would outlive it
        starter.destroyForcibly().waitFor();

        Await.until("the busy processes to end").until(() -> burners.stream().noneMatch(ProcessHandle::isAlive));
        children.forEach(ProcessHandle::destroyForcibly);
    }

    private static List<ProcessHandle> burnersOf(Process starter) throws IOException {
        try (BufferedReader said = new BufferedReader(new InputStreamReader(starter.getInputStream()))) {
            return Arrays.stream(said.readLine().split(" "))
                    .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
                    .toList();
        }
    }
}
