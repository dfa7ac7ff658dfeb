package io.pagewire.system.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.Pagewire;
import io.pagewire.testkit.FairClock;
import io.pagewire.wire.FaultCause;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A JVM under test. It speaks to the test by lines on its standard output and reads lines on its standard input; its input ends
 * with this process, and children end themselves when that happens.
 *
 * <p>For use by one thread; a reader thread of its own takes the output.
 */
final class ChildJvm implements AutoCloseable {
    private static final String END = "\0end";
    private static final String RECORDING = "child.jfr";

    private final Cell cell;
    private final Process process;
    private final Path directory;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> all = new ArrayList<>();
    private final BufferedWriter input;
    private final Thread reader;

    private ChildJvm(Cell cell, Process process, Path directory) {
        this.cell = cell;
        this.process = process;
        this.directory = directory;
        this.input = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        this.reader = new Thread(this::readOutput, "output of child " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts main in a JVM as the cell says; directory, which is the child's own, takes what a crash would leave. */
    static ChildJvm start(Cell cell, Path directory, Class<?> main, String... arguments) throws IOException {
        return start(cell, directory, List.of(), Map.of(), main, arguments);
    }

    /** The same with further options of the JVM and variables of its environment. */
    static ChildJvm start(
            Cell cell,
            Path directory,
            List<String> options,
            Map<String, String> environment,
            Class<?> main,
            String... arguments)
            throws IOException {
        Path home = cell.jdk().home();
        List<String> command = new ArrayList<>(List.of(
                home.resolve("bin/java").toString(),
                cell.collector().flag,
                "-Xmx192m",
                "-Xss512k",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + directory.resolve("hs_err_%p.log")));
        if (cell.jdk().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        if (!cell.plain()) {
            command.add("-Xcheck:jni");
            command.add("-XX:StartFlightRecording=settings=profile,filename=" + directory.resolve(RECORDING));
        }
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        if (!cell.plain()) {
            builder.environment()
                    .put("LD_PRELOAD", home.resolve("lib/libjsig.so").toString());
        }
        return new ChildJvm(cell, builder.start(), directory);
    }

    /** Where the tests, the client and the wire module come from; nothing more is needed by children. */
    private static String classPath() {
        List<String> places = new ArrayList<>();
        for (Class<?> type : List.of(ChildJvm.class, Pagewire.class, FaultCause.class)) {
            places.add(Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .getPath())
                    .toString());
        }
        return String.join(File.pathSeparator, places);
    }

    private void readOutput() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line; (line = reader.readLine()) != null; ) {
                synchronized (all) {
                    all.add(line);
                }
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("output lost: " + e);
        }
        lines.add(END);
    }

    /** Waits for a line that starts with the text; fails with all output when the child ends first or the time is over. */
    String awaitLine(String start, Duration timeout) throws InterruptedException {
        FairClock clock = new FairClock();
        while (true) {
            String line = lines.poll(20, TimeUnit.MILLISECONDS);
            if (line == null && clock.passed().compareTo(timeout) < 0) {
                continue;
            }
            if (line == null || line.equals(END)) {
                throw new AssertionError(cell
                        + (line == null ? ": no line '" + start + "' in " + timeout : ": ended before '" + start + "'")
                        + "; its output:\n" + output());
            }
            if (line.startsWith(start)) {
                return line;
            }
        }
    }

    void send(String line) throws IOException {
        input.write(line);
        input.newLine();
        input.flush();
    }

    /** Asserts that the child ends by itself with 0, that no JVM crashed, and that -Xcheck:jni and JFR did their work. */
    void assertEndsWell(Duration timeout) throws InterruptedException, IOException {
        boolean ended = FairClock.ends(process, timeout);
        assertThat(ended)
                .as("%s: ended within %s; its output:%n%s", cell, timeout, output())
                .isTrue();
        reader.join(timeout.toMillis());
        assertThat(process.exitValue())
                .as("%s: exit code; its output:%n%s", cell, output())
                .isZero();
        try (DirectoryStream<Path> crashes = Files.newDirectoryStream(directory, "hs_err*")) {
            assertThat(crashes).isEmpty();
        }
        assertThat(output())
                .as(cell.toString())
                .doesNotContain("FATAL ERROR in native method", "WARNING in native method", "WARNING: JNI local refs");
        if (!cell.plain()) {
            assertThat(directory.resolve(RECORDING)).isNotEmptyFile();
        }
    }

    String output() {
        synchronized (all) {
            return String.join("\n", all);
        }
    }

    Cell cell() {
        return cell;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!FairClock.ends(process, Duration.ofSeconds(10))) {
                throw new AssertionError("child " + process.pid() + " cannot be killed");
            }
            input.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            if (process.isAlive()) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
