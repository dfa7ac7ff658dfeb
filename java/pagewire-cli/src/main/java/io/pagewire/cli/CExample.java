package io.pagewire.cli;

import io.pagewire.cli.hosts.Host;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The C example that walks a list built by Java, through the same addresses.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class CExample {
    private static final int DEADLINE_SECONDS = 20;

    private CExample() {}

    /** The line it prints; empty when the example was not built. */
    static Optional<String> walk(Host host, String region) {
        Path program = Path.of(System.getProperty("pagewire.home"), "build", "native", "list_walk");
        if (!Files.isExecutable(program)) {
            return Optional.empty();
        }
        ProcessBuilder builder = new ProcessBuilder(program.toString(), region, "0").redirectErrorStream(true);
        builder.environment().put("PAGEWIRE_SOCKET", host.socket().toString());
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new CommandFailed(program + " did not end within " + DEADLINE_SECONDS + " s");
            }
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.exitValue() != 0) {
                throw new CommandFailed(program + " failed: " + text);
            }
            return Optional.of(text);
        } catch (IOException e) {
            throw new CommandFailed("cannot run " + program + ": " + Reasons.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted while " + program + " ran", e);
        }
    }
}
