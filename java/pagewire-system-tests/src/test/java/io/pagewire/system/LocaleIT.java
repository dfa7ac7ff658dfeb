package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Names that are not ASCII where the locale is C, as in many containers and services. */
@ExtendWith(LogsOnFailure.class)
class LocaleIT {
    private static final int PAGE = 4096;
    private static final String NAME = "\u30c7\u30fc\u30bf";

    @TempDir
    Path folder;

    private Cluster cluster;

    @BeforeEach
    void open() {
        assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")), "this JVM's own locale is not one of UTF-8");
        cluster = new Cluster(folder);
        cluster.host("directory");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private static List<String> locale(String locale) {
        return List.of("env", "LC_ALL=" + locale);
    }

    @Test
    void shouldServeEverythingElseWhenTheLocaleHasNoNameForAFile() throws IOException {
        Host a = cluster.prepare("a");
        a.under(locale("C.UTF-8"));
        a.start();
        String utf8 = locale("C.UTF-8").get(1);
        App onA = cluster.app(a, "env", utf8);
        onA.ask("export", "kana", Files.write(folder.resolve(NAME + ".bin"), new byte[PAGE]), PAGE);
        onA.ask("export", "plain", Files.write(folder.resolve("plain.bin"), new byte[] {1, 2, 3}), PAGE);
        cluster.endApps();
        a.terminate();
        assertThat(a.awaitExit()).isZero();

        a.under(locale("C"));
        a.start();

        App again = cluster.app(a);
        again.ask("map", "plain");
        assertThat(again.ask("byte", "plain", 1)).isEqualTo("2");
        AppFailure failure = catchThrowableOfType(AppFailure.class, () -> {
            again.ask("map", "kana");
            again.ask("byte", "kana", 1);
        });
        assertThat(failure).isNotNull();
        assertThat(a.log()).contains("region kana cannot be served").contains("LC_ALL=C.UTF-8");
        again.ask("delete", "kana");
    }

    /** What users start brings a locale of its own along. */
    @Test
    void shouldShareAFileUnderTheLaunchersInTheCLocale() throws Exception {
        Path file = Files.write(folder.resolve(NAME + ".bin"), new byte[] {7, 8, 9});
        String socket = folder.resolve("c.sock").toString();
        String tools = Checkout.root().resolve("tools").toString();
        Process daemon = start(
                tools + "/dsmd",
                "--name",
                "c",
                "--socket",
                socket,
                "--data",
                folder.resolve(NAME + ".data").toString(),
                "--listen",
                "127.0.0.1:0",
                "--directory",
                cluster.hosts().get(0).directory(),
                "--exit-with-stdin");
        try {
            Await.until("dsmd to be ready").until(() -> Files.exists(Path.of(socket)) || !daemon.isAlive());
            String control = tools + "/dsmctl";
            assertThat(output(start(control, "export", NAME, file.toString(), "--socket", socket)))
                    .contains(NAME);
            assertThat(output(start(control, "cat", NAME, "--socket", socket))).isEqualTo("\u0007\b\t");
            assertThat(output(start(control, "delete", NAME, "--socket", socket)))
                    .contains(NAME);
        } finally {
            daemon.getOutputStream().close();
            Await.exitOf(daemon);
        }
    }

    private static Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private static String output(Process process) throws Exception {
        process.getOutputStream().close();
        int code = Await.exitOf(process); // what it prints is less than a pipe holds
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(code).as(text).isZero();
        return text;
    }
}
