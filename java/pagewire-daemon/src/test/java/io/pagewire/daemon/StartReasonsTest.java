package io.pagewire.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.pagewire.daemon.config.DsmdCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What somebody reads whose dsmd does not start: what, where, what to do, in one line and nothing else. */
class StartReasonsTest {
    private static final String BUSY = "Address already in use";

    @TempDir
    static Path folder;

    private static final List<ServerSocket> TAKEN = new ArrayList<>();
    private static String port;
    private static String port6;

    @BeforeAll
    static void prepare() throws IOException {
        port = taken("127.0.0.1");
        port6 = taken("::1");
        Files.writeString(folder.resolve("file"), "= no TOML\n");
        Files.writeString(
                folder.resolve("quick.toml"),
                "[deadlines]\ndirectory-operation-ms = 1001\n" + "directory-session-ms = 1000\n");
        Files.createDirectories(folder.resolve("bad"));
        Files.createDirectories(folder.resolve("odd"));
        Files.writeString(folder.resolve("odd/writers"), "");
        Files.writeString(folder.resolve("bad/directory"), "");
    }

    /** Null where the host has no such address. */
    private static String taken(String host) throws IOException {
        ServerSocket socket = new ServerSocket();
        TAKEN.add(socket);
        try {
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), 0));
            return String.valueOf(socket.getLocalPort());
        } catch (IOException e) {
            return null;
        }
    }

    @AfterAll
    static void free() throws IOException {
        for (ServerSocket socket : TAKEN) {
            socket.close();
        }
    }

    static Stream<Arguments> starts() {
        List<Arguments> rows = new ArrayList<>(List.of(
                arguments("--config DIR/none", "the configuration file DIR/none does not exist"),
                arguments("--config DIR", "the configuration file DIR cannot be read: Is a directory"),
                arguments(
                        "--listen 192.0.2.1:0",
                        "cannot listen on 192.0.2.1:0: Cannot assign requested address; choose another address with"
                                + " --listen"),
                arguments(
                        "--listen none.invalid:0",
                        "cannot listen on none.invalid:0: no host of that name is known here; choose another address"
                                + " with --listen"),
                arguments(
                        "--listen 127.0.0.1:PORT",
                        "cannot listen on 127.0.0.1:PORT: " + BUSY + "; choose another address with --listen"),
                arguments(
                        "--listen ::1:0",
                        "--listen, \"::1:0\", cannot be used: an IPv6 address must stand in brackets, such as"
                                + " [::1]:7711"),
                arguments("--data DIR/file", "DIR/file is not a directory; remove it or choose another path"),
                arguments(
                        "--data DIR/file/in",
                        "the data directory DIR/file/in cannot be used: DIR/file: a file is there already; choose"
                                + " another one with --data"),
                arguments(
                        "--data /proc/none/data",
                        "the data directory /proc/none/data cannot be used: /proc/none: there is no such file or"
                                + " directory; choose another one with --data"),
                arguments(
                        "--socket DIR/file",
                        "DIR/file is there and is no socket; choose another path with --socket, or remove it"),
                arguments(
                        "--socket DIR/file/in/dsmd.sock",
                        "the socket DIR/file/in/dsmd.sock cannot be made: DIR/file: a file is there already; choose"
                                + " another one with --socket"),
                arguments(
                        "--frames-max 1M --spill-dir /proc/none/spill",
                        "pages cannot be spilled to /proc/none/spill: /proc/none: there is no such file or directory;"
                                + " choose another directory with --spill-dir, or spill nothing with --spill-max 0"),
                arguments(
                        "--directory embedded:PORT",
                        "the embedded directory with its files in DIR/data/directory does not start on 127.0.0.1:PORT: "
                                + BUSY + "; if another dsmd has its directory there, join it with --directory"
                                + " 127.0.0.1:PORT, else choose a free port with --directory embedded:PORT"),
                arguments(
                        "--data DIR/bad",
                        "the embedded directory with its files in DIR/bad/directory does not start on 127.0.0.1:0: a"
                                + " file is there already; choose another place for the files of dsmd with --data"),
                arguments(
                        "--data DIR/odd",
                        "a file of this dsmd cannot be used: DIR/odd/writers: a file is there already; choose another"
                                + " place for them with --data"),
                arguments(
                        "--directory 127.0.0.1:1 --config DIR/quick.toml",
                        "opening the directory: no directory answers at 127.0.0.1:1 (tried for N ms); is the dsmd or"
                                + " the ZooKeeper that serves it running?")));
        if (port6 != null) {
            rows.add(arguments(
                    "--listen [::1]:PORT6",
                    "cannot listen on [::1]:PORT6: " + BUSY + "; choose another address with --listen"));
            rows.add(arguments(
                    "--listen [::1]:0 --directory embedded:PORT6",
                    "the embedded directory with its files in DIR/data/directory does not start on [::1]:PORT6: "
                            + BUSY + "; if another dsmd has its directory there, join it with --directory"
                            + " [::1]:PORT6, else choose a free port with --directory embedded:PORT"));
        }
        return rows.stream();
    }

    @ParameterizedTest
    @MethodSource("starts")
    void shouldSayWhyItDoesNotStart(String options, String reason) {
        List<String> arguments = new ArrayList<>(List.of(options.replace("DIR", folder.toString())
                .replace("PORT6", String.valueOf(port6))
                .replace("PORT", port)
                .split(" ")));
        add(arguments, "--listen", "127.0.0.1:0");
        add(arguments, "--socket", folder + "/dsmd.sock");
        add(arguments, "--data", folder + "/data");
        add(arguments, "--directory", "embedded:0");
        add(arguments, "--name", "a");

        List<String> lines = said(arguments);

        String told = String.join("\n", lines).replaceAll("tried for \\d+ ms", "tried for N ms");
        assertThat(told.replace(folder.toString(), "DIR")
                        .replace(String.valueOf(port6), "PORT6")
                        .replace(port, "PORT"))
                .isEqualTo("dsmd: " + reason);
    }

    private static void add(List<String> arguments, String option, String byDefault) {
        if (!arguments.contains(option)) {
            arguments.add(option);
            arguments.add(byDefault);
        }
    }

    /** What stands on standard error, bar the log. */
    private static List<String> said(List<String> arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int code = DsmdCommand.run(settings -> Daemon.start(settings).close(), arguments.toArray(String[]::new));
            assertThat(code).isIn(1, 2);
        } finally {
            System.setErr(before);
        }
        return err.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.matches("\\d\\d:\\d\\d:\\d\\d.*"))
                .toList();
    }
}
