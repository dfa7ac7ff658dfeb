package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Thread rule: one thread a test. */
class UsageTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Dsmctl.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    static List<String> commands() {
        return List.copyOf(Dsmctl.commandLine().getSubcommands().keySet());
    }

    @Test
    void shouldHaveTheCommandsThatTheDocumentationNames() {
        assertThat(commands())
                .contains(
                        "create",
                        "export",
                        "delete",
                        "regions",
                        "circuits",
                        "pages",
                        "status",
                        "doctor",
                        "cat",
                        "put",
                        "map",
                        "force",
                        "stream",
                        "streams",
                        "bench",
                        "demo");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void shouldShowHelpWithAnExample(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString())
                .contains("Usage: dsmctl " + command)
                .containsPattern("Example:  .*dsmctl " + command);
        assertThat(err.toString()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void shouldTakeJsonWhereDataIsPrinted(String command) {
        CommandLine line = Dsmctl.commandLine().getSubcommands().get(command);
        boolean printsBytesOrIsInternal = command.equals("cat") || command.equals("actor");
        assertThat(line.getCommandSpec().findOption("--json") != null).isEqualTo(!printsBytesOrIsInternal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "create|--size",
                "create a --size|--size",
                "create a --size 5Q|'5Q' is not a size",
                "create a --size 0|more than 0",
                "create a --size 1M --page-size 3K|power of two",
                "create a --size 1M --page-size 4M|2 MiB",
                "create a b --size 1M|'b'",
                "create a --size 1M --writers all|neither owner nor any",
                "create a --size 1M --resident|--resident",
                "export a f --writers me|neither owner nor any",
                "export a f --page-size 5K|power of two",
                "map|NAME",
                "map a --for ever|'ever' is not a length of time",
                "map a --period 1s|--period needs --preloaded",
                "map a --preloaded --period 25h|1ms to 24h",
                "force|NAME",
                "export a|FILE",
                "delete|NAME",
                "regions surplus|'surplus'",
                "pages|NAME",
                "pages a --count 3|--count needs --watch",
                "pages a --watch --count 0|at least 1",
                "pages a --watch 0|between 1 ms and a year",
                "pages --watch 1|NAME",
                "pages a --watch b|'b'",
                "cat|NAME",
                "cat a --offset -1|'-1'",
                "put a --offset x|'x' is not a size",
                "bench --pages 0|1 to 1000000",
                "bench --pages many|many",
                "bench --only nothing|none of read, write",
                "bench nothing|none of read, write",
                "stream|NAME",
                "stream a|--in",
                "stream a --in - --out -|--in",
                "stream a --in - --frame-size 0|1 byte to 1G",
                "stream a --in - --frame-size 1025M|1 byte to 1G",
                "stream a --in - --frames 1|from 2 to 16",
                "stream a --out - --frames 17|from 2 to 16",
                "stream a --in - --latest|--latest is for --out",
                "stream a --out - --discard|are for --in",
                "stream a --out - --frame-size 8M|are for --in",
                "stream a --in - --drop-after 99ms|100ms to 1h",
                "stream a --out - --wait 61m|at most 1h",
                "stream a --out - --deadline 2h|at most 1h",
                "streams surplus|'surplus'",
                "demo --picture /|--picture",
                "demo --picture /nowhere/at/all.png|--picture",
                "demo --socket /tmp/x|--socket",
                "bench --socket /tmp/x|--socket",
                "nonsense|nonsense",
                "--nonsense|--nonsense",
            })
    void shouldEndWithTwoAndOneLineForWrongUsage(String args, String reason) {
        assertThat(run(args.split(" "))).isEqualTo(2);
        List<String> lines = err.toString().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).startsWith("dsmctl").contains(reason);
        assertThat(lines.get(1)).startsWith("Try: dsmctl").endsWith("--help");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void shouldAskForACommandWhenThereIsNone() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("a command is needed");
    }
}
