package io.pagewire.system;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A dsmd that serves and fails pages on command ({@code failing_dsmd.c}): one region, {@link #REGION}, whose page n holds the
 * number n + 1 in every long.
 *
 * <p>Safe for use by any thread; a command has taken effect when its method returns.
 */
public final class FailingDsmd implements AutoCloseable {
    public static final String REGION = "region";

    private static final int END_SECONDS = 300;

    private final Process process;
    private final BufferedReader output;
    private final BufferedWriter input;
    private final Path socket;

    /** program: {@link #program()}. */
    public FailingDsmd(Path program, int pages) {
        try {
            process = new ProcessBuilder(program.toString(), Integer.toString(pages))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            output = process.inputReader();
            input = process.outputWriter();
            socket = Path.of(line());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The program, compiled once. */
    public static Path program() {
        return CProgram.failingDsmd();
    }

    public Path socket() {
        return socket;
    }

    /** From now on faults on these pages fail, after so long. */
    public void fail(int first, int count, int ms) {
        command("fail " + first + " " + count + " " + ms);
    }

    /** From now on faults on these pages are served. */
    public void serve(int first, int count) {
        command("serve " + first + " " + count);
    }

    /** Takes all rights on these pages away. */
    public void revoke(int first, int count) {
        command("revoke " + first + " " + count);
    }

    /** Takes rights away, fails for a while, serves for a while, and so on; every answer comes late. Returns at the end of it. */
    public void storm(int first, int count, int failMs, int serveMs, int seconds, int lateUs) {
        command("storm " + first + " " + count + " " + failMs + " " + serveMs + " " + seconds + " " + lateUs);
    }

    private synchronized void command(String text) {
        try {
            input.write(text);
            input.newLine();
            input.flush();
            String answer = line();
            if (!answer.equals("done")) {
                throw new AssertionError("'" + text + "' was answered by: " + answer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String line() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new AssertionError("failing_dsmd has ended");
        }
        return line;
    }

    @Override
    public void close() {
        try {
            input.close();
            // By a clock of its own: this runs in programs that have the library and nothing else on their class path.
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the failing dsmd has not ended " + END_SECONDS + " s after its input");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
