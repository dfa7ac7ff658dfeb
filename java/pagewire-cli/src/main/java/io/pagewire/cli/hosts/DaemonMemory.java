package io.pagewire.cli.hosts;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.cli.CommandFailed;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * How much memory a private daemon uses: its heap, as it says itself, right after a garbage collection where this Java comes
 * with {@code jcmd}; from a daemon that does not say, what of it is resident.
 *
 * <p>Not thread safe: one thread measures.
 */
public final class DaemonMemory {
    private static final int DEADLINE_SECONDS = 20;

    private final Host host;
    private final boolean heap;
    private final long before;

    private DaemonMemory(Host host) {
        this.host = host;
        heap = host.query("status").path("memory").has("heapUsed");
        before = bytes();
    }

    /** What the daemon uses now is the start. */
    public static DaemonMemory of(Host host) {
        return new DaemonMemory(host);
    }

    /** Bytes more than at the start. */
    public double growth() {
        return bytes() - before;
    }

    /** Where the figure is from: {@code heap} or {@code rss}. */
    public String source() {
        return heap ? "heap" : "rss";
    }

    private long bytes() {
        collect();
        if (heap) {
            JsonNode memory = host.query("status").path("memory");
            return memory.path("heapUsed").asLong();
        }
        return resident(host.pid());
    }

    /** Without jcmd the heap is measured with its garbage, which is a small part of what is looked for. */
    private void collect() {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) {
            return;
        }
        ProcessBuilder builder = new ProcessBuilder(jcmd.toString(), Long.toString(host.pid()), "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            Process process = builder.start();
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new CommandFailed(jcmd + " did not end within " + DEADLINE_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw new CommandFailed(
                        jcmd + " could not reach dsmd " + host.pid() + ": exit code " + process.exitValue());
            }
        } catch (IOException e) {
            throw new CommandFailed("cannot run " + jcmd + ": " + Reasons.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted while " + jcmd + " ran", e);
        }
    }

    private static long resident(long pid) {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
        } catch (IOException e) {
            throw new CommandFailed("cannot read " + status + ": " + Reasons.of(e), e);
        }
        throw new CommandFailed(status + " says nothing of VmRSS");
    }
}
