package io.pagewire.cli.hosts;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.cli.CommandFailed;
import io.pagewire.cli.Json;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The raw floor: a C program that measures TCP over loopback between two processes without any of ours in between, so that a
 * figure can be read as a multiple of what this machine does at best at this moment.
 *
 * <p>One thread uses it; {@link #close} may be called by another one.
 */
public final class Floor implements AutoCloseable {
    private final Child child;

    Floor(Path folder) {
        Path program = JavaProgram.home().resolve("build/native/floor");
        if (!Files.isExecutable(program)) {
            throw new CommandFailed(program + " is not there: the C part was not built; run tools/dsmctl again");
        }
        child = new Child("floor", folder, new ProcessBuilder(program.toString()));
    }

    /** Round trips of 32 bytes each way, in ns. */
    public long[] small(int count) {
        return samples("small", count);
    }

    /** Requests of 32 bytes answered with 4 KiB, in ns. */
    public long[] page(int count) {
        return samples("page", count);
    }

    /** Bytes in ns of a stream in pieces of 1 MiB: {bytes, ns}. */
    public long[] stream(int pieces) {
        JsonNode answer = ask("stream " + pieces);
        return new long[] {answer.path("bytes").asLong(), answer.path("ns").asLong()};
    }

    /** Blocks of so many bytes, each touched once a page before it is sent and when it has come. */
    public Flow blocks(int count, long size) {
        JsonNode answer = ask("blocks " + count + " " + size);
        return new Flow(
                answer.path("bytes").asLong(),
                answer.path("ns").asLong(),
                answer.path("cpuNs").asLong());
    }

    private long[] samples(String kind, int count) {
        JsonNode answer = ask(kind + " " + count);
        if (answer.size() != count) {
            throw new CommandFailed("the raw floor gave " + answer.size() + " samples instead of " + count);
        }
        return Samples.of(answer);
    }

    private JsonNode ask(String line) {
        JsonNode answer = Json.parse("the raw floor", child.ask(line));
        if (answer.has("error")) {
            throw new CommandFailed(
                    "the raw floor failed: " + answer.path("error").asText());
        }
        return answer;
    }

    @Override
    public void close() {
        child.close();
    }
}
