package io.pagewire.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DsmdCommandTest {
    private final List<DaemonSettings> started = new ArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream systemOut = System.out;
    private final PrintStream systemErr = System.err;

    @TempDir
    Path temp;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(systemOut);
        System.setErr(systemErr);
    }

    @Test
    void shouldStartWithWhatTheCommandLineSays() {
        int code = DsmdCommand.run(
                started::add,
                "--name",
                "a",
                "--listen",
                "127.0.0.2:0",
                "--socket",
                temp.resolve("s").toString(),
                "--data",
                temp.toString(),
                "--directory",
                "embedded:0",
                "--log-level",
                "warn",
                "--exit-with-stdin");
        assertThat(code).isZero();
        assertThat(started)
                .singleElement()
                .matches(s -> s.name().equals("a")
                        && s.listenHost().equals("127.0.0.2")
                        && s.listenPort() == 0
                        && s.socket().equals(temp.resolve("s"))
                        && s.data().equals(temp)
                        && s.directoryEmbedded()
                        && s.directoryPort() == 0
                        && s.exitWithStdin());
    }

    @Test
    void shouldSayInOneLineWhatIsWrongWithTheCommandLine() {
        assertThat(DsmdCommand.run(started::add, "--nonsense")).isEqualTo(2);
        assertThat(text(err)).isEqualTo("dsmd: Unknown option: '--nonsense' (see dsmd --help)\n");
        err.reset();
        assertThat(DsmdCommand.run(started::add, "--socket", "/s", "--listen", "nowhere"))
                .isEqualTo(2);
        assertThat(text(err))
                .isEqualTo("dsmd: --listen, \"nowhere\", cannot be used: it is not of the form HOST:PORT\n");
        assertThat(started).isEmpty();
    }

    @Test
    void shouldSayInOneLineWhyTheDaemonFailed() {
        Launcher failing = settings -> {
            throw new IOException("the disk is\nfull");
        };
        assertThat(DsmdCommand.run(failing, "--socket", "/s", "--data", "/d")).isEqualTo(1);
        assertThat(text(err)).isEqualTo("dsmd: the disk is full\n");
    }

    @Test
    void shouldExplainItselfWithAnExample() {
        assertThat(DsmdCommand.run(started::add, "--help")).isZero();
        assertThat(text(out))
                .contains("--directory=embedded[:PORT]|HOST:PORT", "$XDG_RUNTIME_DIR/pagewire/dsmd.sock")
                .contains("dsmd --name b --listen 10.0.0.2:7711 --directory 10.0.0.1:7712")
                .doesNotContain("exit-with-stdin");
        out.reset();
        assertThat(DsmdCommand.run(started::add, "--version")).isZero();
        assertThat(text(out)).startsWith("dsmd ");
        assertThat(started).isEmpty();
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
