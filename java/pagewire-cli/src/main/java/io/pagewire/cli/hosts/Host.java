package io.pagewire.cli.hosts;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.Pagewire;
import io.pagewire.PagewireException;
import io.pagewire.RegionNotFoundException;
import io.pagewire.cli.CommandFailed;
import io.pagewire.cli.Json;
import io.pagewire.wire.Reasons;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One private {@code dsmd} and a connection to it for questions.
 *
 * <p>One thread uses it; {@link #close} may be called by another one.
 */
public final class Host implements AutoCloseable {
    private static final long START_DEADLINE_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final String name;
    private final Path socket;
    private final Child child;
    private Pagewire pagewire;

    /** Starts the daemon with these options besides, without waiting for it. */
    Host(String name, Path folder, String directory, String... options) {
        this.name = name;
        socket = folder.resolve(name + ".sock");
        List<String> command = new ArrayList<>(List.of(
                JavaProgram.home().resolve("tools").resolve("dsmd").toString(),
                "--name",
                name,
                "--listen",
                "127.0.0.1:0",
                "--socket",
                socket.toString(),
                "--data",
                folder.resolve(name).toString(),
                "--directory",
                directory,
                "--exit-with-stdin"));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("dsmd-" + name + ".out").toFile());
        Map<String, String> environment = builder.environment();
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        child = new Child("dsmd-" + name, folder, builder);
    }

    /** Waits until the daemon answers. */
    void await() {
        long endNs = System.nanoTime() + START_DEADLINE_NS;
        while (pagewire == null) {
            if (Files.exists(socket)) {
                try {
                    pagewire = Pagewire.connect(socket);
                    return;
                } catch (PagewireException e) {
                    if (System.nanoTime() >= endNs) {
                        throw new CommandFailed("host " + name + " does not answer: " + Reasons.of(e), e);
                    }
                }
            }
            if (!child.isAlive()) {
                throw child.died();
            }
            if (System.nanoTime() >= endNs) {
                throw new CommandFailed("host " + name + " was not ready within "
                        + TimeUnit.NANOSECONDS.toSeconds(START_DEADLINE_NS) + " s" + child.lastWords());
            }
            LockSupport.parkNanos(LOOK_AGAIN_NS);
        }
    }

    public String name() {
        return name;
    }

    public Path socket() {
        return socket;
    }

    public long pid() {
        return child.pid();
    }

    /** The daemon's answer to a question such as {@code "status"}. */
    public JsonNode query(String what) {
        return Json.parse("host " + name, pagewire.query(what));
    }

    /** A region's counter on this host; 0 when it has none of that name. */
    public long counter(String region, String counter) {
        try {
            return query("region " + region).path("counters").path(counter).asLong();
        } catch (RegionNotFoundException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        if (pagewire != null) {
            pagewire.close();
        }
        child.close();
    }
}
