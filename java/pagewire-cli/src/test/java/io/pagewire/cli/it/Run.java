package io.pagewire.cli.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pagewire.testkit.FairClock;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of {@code tools/dsmctl} as a user does it: a process, its output, its exit code.
 *
 * <p>Immutable; made by one thread.
 */
record Run(int status, byte[] bytes, String err) {
    private static final int DEADLINE_SECONDS = 240;

    static Run dsmctl(Path socket, String... args) {
        return dsmctl(socket, new byte[0], args);
    }

    /** Runs the command with these bytes on its standard input, which then ends. */
    static Run dsmctl(Path socket, byte[] input, String... args) {
        List<String> command = new ArrayList<>();
        command.add(launcher());
        if (socket != null) {
            command.add("--socket");
            command.add(socket.toString());
        }
        command.addAll(List.of(args));
        return of(input, builder(command));
    }

    /** Runs it by bash, with what the line says about its output. */
    static Run shell(Path socket, String line) {
        return of(
                new byte[0], builder(List.of("bash", "-c", "'" + launcher() + "' --socket '" + socket + "' " + line)));
    }

    /** Runs a command with one variable of its environment set. */
    static Run with(String variable, String value, String... command) {
        ProcessBuilder builder = builder(List.of(command));
        builder.environment().put(variable, value);
        return of(new byte[0], builder);
    }

    static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("PAGEWIRE_SOCKET");
        return builder;
    }

    static String launcher() {
        return Path.of(System.getProperty("pagewire.home"), "tools", "dsmctl").toString();
    }

    private static Run of(byte[] input, ProcessBuilder builder) {
        Path out = null;
        Path err = null;
        try {
            out = Files.createTempFile("pagewire-it", ".out");
            err = Files.createTempFile("pagewire-it", ".err");
            Process process = builder.redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input);
            } catch (IOException e) {
                // The process has ended without reading all of it; what it says counts.
            }
            if (!FairClock.ends(process, Duration.ofSeconds(DEADLINE_SECONDS))) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(builder.command() + " did not end within " + DEADLINE_SECONDS + " s");
            }
            return new Run(process.exitValue(), Files.readAllBytes(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            delete(out);
            delete(err);
        }
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String out() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    JsonNode json() {
        try {
            return new ObjectMapper().readTree(bytes);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + out() + err, e);
        }
    }
}
