package io.pagewire.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.CommandFailed;
import io.pagewire.cli.hosts.Actor;
import io.pagewire.cli.hosts.Floor;
import io.pagewire.cli.hosts.Host;
import io.pagewire.cli.hosts.Measurement;
import io.pagewire.cli.hosts.PrivateHosts;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * What the parts of a benchmark share: host a with the owner's program, host b with two programs, and the raw floor.
 *
 * <p>Not thread safe: one thread measures.
 */
public final class Bench {
    private static final int USUAL_PAGES = 5000;

    private final PrivateHosts hosts;
    private final Consumer<String> step;
    private final int pages;
    private final long fileBytes;
    private final Host a;
    private final Host b;
    private final Actor owner;
    private final Actor reader;
    private final Floor floor;
    private final Measurement measurement;

    /**
     * Starts the hosts and programs.
     *
     * @param file of so many bytes to export, larger than 2 MiB
     * @param pages how many faults of each kind to measure
     * @param step hears what is being done
     */
    public Bench(PrivateHosts hosts, Path file, long fileBytes, int pages, Consumer<String> step) {
        this.hosts = hosts;
        this.step = step;
        this.pages = pages;
        this.fileBytes = fileBytes;
        step.accept("starting two hosts");
        a = hosts.startFirst("a");
        b = hosts.startBeside("b", a);
        owner = hosts.actor("owner", a);
        reader = hosts.actor("reader", b);
        Actor second = hosts.actor("second", b);
        floor = hosts.floor();
        measurement = new Measurement(owner, reader, second, floor, file, fileBytes);
    }

    /** Measures one part, and adds what it found to the result. */
    public void measure(Part part, ObjectNode result) {
        step.accept(part.title());
        part.measure(this, result);
    }

    int pages() {
        return pages;
    }

    /** How much to do of what is not counted in pages: so much with the default number of pages, less with fewer. */
    int scaled(int usual) {
        return (int) Math.max(1, Math.min(usual, (long) usual * pages / USUAL_PAGES));
    }

    long fileBytes() {
        return fileBytes;
    }

    Host a() {
        return a;
    }

    Host b() {
        return b;
    }

    /** The program on a, which owns the regions. */
    Actor owner() {
        return owner;
    }

    /** The program on b. */
    Actor reader() {
        return reader;
    }

    Floor floor() {
        return floor;
    }

    Measurement measurement() {
        return measurement;
    }

    /** The outcome of a task that was started; one that failed fails here with the same message. */
    static JsonNode join(CompletableFuture<JsonNode> task) {
        try {
            return task.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CommandFailed failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** A program on one more host, whose dsmd has these options besides. */
    Actor programOnHost(String name, String... options) {
        return hosts.actor("on-" + name, hosts.startBeside(name, a, options));
    }
}
