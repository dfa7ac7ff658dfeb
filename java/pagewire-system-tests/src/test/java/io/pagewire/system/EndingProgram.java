package io.pagewire.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A run of {@code ending.c} on a host: it writes a whole region and lets go of it, or looks whether all is there.
 *
 * <p>For use by one thread.
 */
final class EndingProgram implements AutoCloseable {
    /** Far above what any of its ends takes; it only ends a test that would hang. */
    private static final int MOST_SECONDS = 180;

    private final Process process;
    private final Path output;

    private EndingProgram(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static EndingProgram start(Host host, Path folder, Object... arguments) {
        List<String> command = new ArrayList<>(
                List.of(CProgram.ending().toString(), host.socket().toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        try {
            Path output = Files.createTempFile(folder, "ending", ".log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            return new EndingProgram(process, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it, and returns when it has stored everything. */
    static EndingProgram writing(Host host, Path folder, Object... arguments) {
        EndingProgram program = start(host, folder, arguments);
        Await.until("everything to be stored")
                .until(() -> program.output().contains("stored\n") || !program.process.isAlive());
        return program;
    }

    /** Runs it to its end; what it has said. */
    static String run(Host host, Path folder, Object... arguments) {
        return start(host, folder, arguments).await();
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Its input ends, which is what one that stays waits for. */
    String await() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the program does not end: " + output());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return output();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
