package io.pagewire.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DaemonSettingsBuilderTest {
    private static final HostEnvironment ENVIRONMENT =
            new HostEnvironment(Map.of("HOME", "/home/somebody"), "machine", 1234);

    @TempDir
    Path temp;

    @Test
    void shouldNeedNoSettingAtAll() throws SettingsException {
        assertThat(new DaemonSettingsBuilder().build(ENVIRONMENT))
                .isEqualTo(new DaemonSettings(
                        "machine",
                        "127.0.0.1",
                        7711,
                        null,
                        0,
                        Path.of("/tmp/pagewire-1234/dsmd.sock"),
                        Path.of("/home/somebody/.local/state/pagewire/machine"),
                        true,
                        7712,
                        null,
                        2,
                        60,
                        Deadlines.DEFAULT,
                        1 << 20,
                        Set.of(),
                        255,
                        new FrameSettings(0, -1, Path.of("/home/somebody/.local/state/pagewire/machine/spill")),
                        WritebackBounds.DEFAULT,
                        "info",
                        false));
    }

    @Test
    void shouldTakePlacesFromTheEnvironment() throws SettingsException {
        Map<String, String> variables = Map.of("XDG_RUNTIME_DIR", "/run/user/7", "XDG_STATE_HOME", "/state");
        DaemonSettings settings =
                new DaemonSettingsBuilder().name("a").build(new HostEnvironment(variables, "machine", 7));
        assertThat(settings.socket()).isEqualTo(Path.of("/run/user/7/pagewire/dsmd.sock"));
        assertThat(settings.data()).isEqualTo(Path.of("/state/pagewire/a"));
        HostEnvironment told = new HostEnvironment(
                Map.of("PAGEWIRE_SOCKET", "/s", "XDG_RUNTIME_DIR", "/run/user/7", "HOME", "/h"), "machine", 7);
        assertThat(new DaemonSettingsBuilder().build(told).socket()).isEqualTo(Path.of("/s"));
        HostEnvironment relative = new HostEnvironment(Map.of("XDG_RUNTIME_DIR", "run", "HOME", "/h"), "machine", 7);
        assertThat(new DaemonSettingsBuilder().build(relative).socket())
                .isEqualTo(Path.of("/tmp/pagewire-7/dsmd.sock"));
    }

    @Test
    void shouldSayWhatIsMissingWhenThereIsNoHome() {
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> new DaemonSettingsBuilder().build(new HostEnvironment(Map.of(), "machine", 7)))
                .withMessageContaining("give --data DIR");
    }

    @Test
    void shouldLetTheCommandLineWinOverTheFile() throws Exception {
        Path file = file("""
                name = "of-file"
                listen = "[::1]:0"
                advertise = "there:7"
                socket = "sub/../dsmd.sock"
                directory = "h1:1, h2:2"
                loops = 4
                spin-us = 0
                read-ahead-bytes = 0
                log-level = "debug"
                [deadlines]
                fault-ms = 60000
                revoke-ms = 30000
                client-lease-ms = 2000
                heartbeat-ms = 500
                home-ms = 40000
                stall-ms = 50000
                stop-ms = 90000
                [circuits]
                allow-users = [1000, 0, 1000]
                max-peers = 3
                [frames]
                max = "1.5M"
                spill-max = 4096
                spill-dir = "spill"
                [writeback]
                dirty-max = "8M"
                dirty-background = 1024
                age-ms = 100
                max-age-ms = 1000
                """);
        DaemonSettings settings =
                new DaemonSettingsBuilder().config(file).name("of-line").build(ENVIRONMENT);
        assertThat(settings)
                .isEqualTo(new DaemonSettings(
                        "of-line",
                        "::1",
                        0,
                        "there",
                        7,
                        temp.resolve("dsmd.sock"),
                        Path.of("/home/somebody/.local/state/pagewire/of-line"),
                        false,
                        0,
                        "h1:1,h2:2",
                        4,
                        0,
                        new Deadlines(60_000, 30_000, 500, 2000, 40_000, 50_000, 90_000, 3000, 5000),
                        0,
                        Set.of(0, 1000),
                        3,
                        new FrameSettings(3 << 19, 4096, temp.resolve("spill")),
                        new WritebackBounds(8 << 20, 1024, 100, 1000),
                        "debug",
                        false));
        assertThat(new DaemonSettingsBuilder()
                        .config(file)
                        .directory("embedded:0")
                        .listen("127.0.0.1:1")
                        .socket(Path.of("/x"))
                        .data(Path.of("/d"))
                        .framesMax("2M")
                        .spillMax("0")
                        .spillDir(Path.of("/fast"))
                        .logLevel("warn")
                        .exitWithStdin(true)
                        .build(ENVIRONMENT))
                .extracting(
                        DaemonSettings::name,
                        DaemonSettings::directoryEmbedded,
                        DaemonSettings::directoryPort,
                        DaemonSettings::listenPort,
                        DaemonSettings::socket,
                        DaemonSettings::data,
                        DaemonSettings::frames,
                        DaemonSettings::logLevel,
                        DaemonSettings::exitWithStdin)
                .containsExactly(
                        "of-file",
                        true,
                        0,
                        1,
                        Path.of("/x"),
                        Path.of("/d"),
                        new FrameSettings(2 << 20, 0, Path.of("/fast")),
                        "warn",
                        true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fault-deadline = 5 | unknown key \"fault-deadline\"",
                "[deadlines]\\nfault = 5 | unknown key \"deadlines.fault\"",
                "[unknown] | unknown key \"unknown\"",
                "deadlines = 5 | unknown key \"deadlines\"",
                "loops = 0 | key \"loops\" in FILE is 0, which is not between 1 and 64",
                "loops = 1.5 | must be a whole number, not 1.5",
                "loops = \"two\" | must be a whole number, not \"two\"",
                "loops = 99999999999999999999 | must be a whole number",
                "name = 5 | key \"name\" in FILE must be a text in quotes, not 5",
                "name = \"a b\" | contains the character U+0020",
                "name = \"\" | must not be empty",
                "listen = \"7711\" | it is not of the form HOST:PORT",
                "listen = \"::1:7711\" | must stand in brackets",
                "listen = \"h:70000\" | the port \"70000\" is not a number from 0 to 65535",
                "listen = \"0.0.0.0:7711\" | say with --advertise HOST:PORT",
                "advertise = \"h\" | key \"advertise\" in FILE, \"h\", cannot be used: it is not of the form HOST:PORT",
                "directory = \"embedded:x\" | the port \"x\"",
                "directory = \"h1:1,h2\" | not of the form HOST:PORT; say embedded",
                "directory = \"h1:0\" | from 1 to 65535",
                "log-level = \"loud\" | it is none of error, warn, info, debug, trace",
                "[circuits]\\nallow-users = 5 | must be a list of whole numbers",
                "[circuits]\\nallow-users = [-1] | has -1, which is not between 0",
                "[circuits]\\nallow-users = [true] | must be a whole number, not true",
                "[circuits]\\nmax-peers = 256 | not between 1 and 255",
                "read-ahead-bytes = -1 | not between 0 and 16777216",
                "loops = | line 1: not valid TOML",
                "[frames]\\nmax = 0 | key \"frames.max\" in FILE, \"0\", cannot be used: it is less than 1048576 bytes",
                "[frames]\\nmax = \"1023K\" | it is less than 1048576 bytes",
                "[frames]\\nmax = \"1.5\" | it is not a size; write bytes or a number with K, M, G or T",
                "[frames]\\nmax = \"12X\" | it is not a size",
                "[frames]\\nmax = \"9999999999T\" | it is not a whole number of bytes below 8 EiB",
                "[frames]\\nmax = true | must be a text in quotes, not true",
                "[frames]\\nmax = \"2M\"\\nspill-max = -1 | it is not a size",
                "[frames]\\nspill-max = 0 | \"frames.spill-max\" in FILE says nothing without a bound on the frames",
                "[frames]\\nspill-dir = \"x\" | give --frames-max SIZE",
                "[writeback]\\ndirty-max = 1000 | is 1000 bytes, which is less than 1048576; with 0 nothing goes home by itself",
                "[writeback]\\ndirty-max = \"1M\"\\ndirty-background = \"2M\" | more than writeback.dirty-max, 1048576 bytes",
                "[writeback]\\nage-ms = 200\\nmax-age-ms = 100 | not between 200 and 3600000",
                "[deadlines]\\nheartbeat-ms = 501 | deadlines.heartbeat-ms is 501, but with deadlines.client-lease-ms = 1000 it may be at most 500: ",
                "[deadlines]\\nhome-ms = 2269 | deadlines.home-ms is 2269, but with deadlines.client-lease-ms = 1000 and deadlines.revoke-ms = 1000 it must be at least 2270: ",
                "[deadlines]\\nfault-ms = 2770 | deadlines.home-ms is 2500, but with deadlines.fault-ms = 2770 it may be at most 2492: ",
                "[deadlines]\\nstall-ms = 2500 | deadlines.home-ms is 2500, but with deadlines.stall-ms = 2500 it may be at most 2499: ",
                "[deadlines]\\ndirectory-session-ms = 5000 | deadlines.directory-session-ms is 5000, but with deadlines.directory-operation-ms = 5000 it may be at most 4999: ",
                "[deadlines]\\ndirectory-session-ms = 10 | not between 1000 and 60000",
            })
    void shouldNameKeyFileAndReason(String text, String reason) throws IOException {
        Path file = file(text.replace("\\n", "\n"));
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> new DaemonSettingsBuilder().config(file).build(ENVIRONMENT))
                .withMessageContaining(reason.replace("FILE", file.toString()))
                .matches(e -> !e.getMessage().contains("\n"), "one line");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a/b", "\u00fc"})
    void shouldRefuseHostNamesOnTheCommandLine(String name) {
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> new DaemonSettingsBuilder().name(name).build(ENVIRONMENT))
                .withMessageStartingWith("--name, \"" + name + "\", cannot be used: ");
    }

    @Test
    void shouldRefuseASocketPathThatIsTooLong() {
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> new DaemonSettingsBuilder()
                        .socket(Path.of("/" + "s".repeat(107)))
                        .build(ENVIRONMENT))
                .withMessageContaining("has 108 bytes, but a Unix socket can have 107");
    }

    @Test
    void shouldSayThatTheFileIsMissingOrNotText() throws IOException {
        Path missing = temp.resolve("missing.toml");
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> new DaemonSettingsBuilder().config(missing).build(ENVIRONMENT))
                .withMessage("the configuration file " + missing + " does not exist");
        Path binary = temp.resolve("binary.toml");
        Files.write(binary, new byte[] {(byte) 0xFF, (byte) 0xFE, 0});
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> new DaemonSettingsBuilder().config(binary).build(ENVIRONMENT))
                .withMessageContaining("is not UTF-8 text");
    }

    @Test
    void shouldSpillOwnPagesOnlyUnlessToldHowMuch() throws Exception {
        FrameSettings bounded =
                new DaemonSettingsBuilder().framesMax("1m").build(ENVIRONMENT).frames();
        assertThat(bounded)
                .returns(1L << 20, FrameSettings::maxBytes)
                .returns(true, FrameSettings::spillsOwn)
                .returns(false, FrameSettings::spillsCopies)
                .returns(true, f -> f.fits(64 << 10))
                .returns(false, f -> f.fits(128 << 10));
        assertThat(new DaemonSettingsBuilder()
                        .framesMax("1MiB")
                        .spillMax("1G")
                        .build(ENVIRONMENT)
                        .frames())
                .returns(true, FrameSettings::spillsOwn)
                .returns(true, FrameSettings::spillsCopies);
        assertThat(new DaemonSettingsBuilder()
                        .framesMax("1048576B")
                        .spillMax("0")
                        .build(ENVIRONMENT)
                        .frames())
                .returns(false, FrameSettings::spillsOwn)
                .returns(false, FrameSettings::spillsCopies);
        assertThat(new DaemonSettingsBuilder().build(ENVIRONMENT).frames())
                .returns(false, FrameSettings::limited)
                .returns(false, FrameSettings::spillsOwn)
                .returns(true, f -> f.fits(2 << 20));
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> new DaemonSettingsBuilder().spillMax("1G").build(ENVIRONMENT))
                .withMessageStartingWith("--spill-max says nothing without a bound");
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> new DaemonSettingsBuilder().framesMax("none").build(ENVIRONMENT))
                .withMessageStartingWith("--frames-max, \"none\", cannot be used: it is not a size");
    }

    @Test
    void shouldShipAnExampleThatShowsEveryKeyWithItsDefault() throws Exception {
        Path example = Path.of("src/main/dist/dsmd.toml");
        DaemonSettings defaults = new DaemonSettingsBuilder().build(ENVIRONMENT);
        assertThat(new DaemonSettingsBuilder().config(example).build(ENVIRONMENT))
                .isEqualTo(defaults);
        List<String> shown = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        String table = "";
        for (String line : Files.readAllLines(example)) {
            if (line.startsWith("[")) {
                table = line.substring(1, line.indexOf(']')) + ".";
                lines.add(line);
            } else if (line.matches("#[a-z-]+ = .*")) {
                String key = line.substring(1, line.indexOf(' '));
                shown.add(table + key);
                if (!Set.of("name", "advertise", "socket", "data", "max", "spill-max", "spill-dir")
                        .contains(key)) {
                    lines.add(line.substring(1));
                }
            }
        }
        assertThat(shown).containsExactlyInAnyOrderElementsOf(DaemonSettingsBuilder.KEYS);
        assertThat(new DaemonSettingsBuilder()
                        .config(file(String.join("\n", lines)))
                        .build(ENVIRONMENT))
                .isEqualTo(defaults);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(temp.resolve("dsmd.toml"), text);
    }
}
