package io.pagewire.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The parts of a benchmark in the order in which they are measured.
 *
 * <p>Immutable; safe for use by any thread.
 */
public enum Part {
    READ("read", "read faults", ReadsAndWrites::readFaults),
    WRITE("write", "write faults of the owner", ReadsAndWrites::writeFaults),
    REMOTE_WRITE("remote-write", "write faults of the other host", RemoteWrites::measure),
    PING_PONG("ping-pong", "two writers on one page", PingPong::measure),
    SCAN("scan", "sequential scan", Scans::free),
    PRESSURE("pressure", "sequential scan with an eighth of the frames", Scans::pressed),
    /** Before the next part, so that no daemon is still giving back what that one has used. */
    MEMORY("memory", "memory of the daemons for 1,000,000 pages", PageMemory::measure),
    RANDOM("random", "random access to 1,000,000 pages", RandomAccess::measure),
    STREAMS("streams", "frame streams", Streams::measure);

    private final String word;
    private final String title;
    private final BiConsumer<Bench, ObjectNode> how;

    Part(String word, String title, BiConsumer<Bench, ObjectNode> how) {
        this.word = word;
        this.title = title;
        this.how = how;
    }

    /** The part of this name; empty when there is none. */
    public static Optional<Part> of(String word) {
        return Arrays.stream(values()).filter(part -> part.word.equals(word)).findFirst();
    }

    /** What {@code --only} takes. */
    public static List<String> words() {
        return Arrays.stream(values()).map(part -> part.word).toList();
    }

    String title() {
        return title;
    }

    void measure(Bench bench, ObjectNode result) {
        how.accept(bench, result);
    }
}
