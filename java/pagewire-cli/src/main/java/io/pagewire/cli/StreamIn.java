package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.FrameOptions;
import io.pagewire.FrameWriter;
import io.pagewire.Pagewire;
import io.pagewire.RequestTimeoutException;
import io.pagewire.wire.Reasons;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.StringJoiner;

/**
 * The producer's side of {@code dsmctl stream}: reads its input straight into the window. The stream is finished only when the
 * input has ended and nobody has told the process to end. Whatever else ends it, writer and connection are left open, so that
 * the end of the process tells the consumers that frames are missing.
 *
 * <p>Runs on the main thread; signals come on another.
 */
final class StreamIn {
    /** A first consumer that takes longer than this is worth a word. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private final StreamCommand command;
    private final String name;
    private final String input;
    private final FrameOptions options;
    private final Duration wait;
    private final Door door = new Door();

    private long waitedNs;
    private long bytes;

    StreamIn(StreamCommand command, String name, String input, FrameOptions options, Duration wait) {
        this.command = command;
        this.name = name;
        this.input = input;
        this.options = options;
        this.wait = wait;
    }

    int run() throws IOException {
        try (FileChannel in = open()) {
            Pagewire pagewire = command.connect();
            FrameWriter writer = pagewire.publishFrames(name, options);
            writer.warning().ifPresent(command::warn);
            long startNs = System.nanoTime();
            copy(in, writer);
            RequestTimeoutException late = drain(writer);
            double seconds = (System.nanoTime() - startNs - waitedNs) / 1e9;
            ObjectNode summary = StreamSummary.of(name, writer.stats(), seconds);
            String missed = missed(DaemonCommand.query(pagewire, "streams"), name, options.discard());
            if (!door.pass(writer::close)) {
                return CommandFailed.EXIT_CODE; // the reason is the signal
            }
            pagewire.close();
            if (!missed.isEmpty()) {
                command.note(missed);
            }
            if (late != null) {
                throw new CommandFailed("the stream is finished, but " + Reasons.of(late), late);
            }
            StreamSummary.print(command, command.out(), "sent", summary);
            return 0;
        }
    }

    /**
     * What to say when not everybody has all of it in time, else null. The stream is finished all the same: who still takes frames
     * gets the rest from dsmd.
     */
    private RequestTimeoutException drain(FrameWriter writer) {
        try {
            writer.drain(options.deadline());
            return null;
        } catch (RequestTimeoutException e) {
            return e;
        }
    }

    /**
     * What of the stream its consumers have not got, as far as this host knows; empty when there is nothing to say. That a
     * consumer was dropped, or went before the end, is no failure of the producer, but whoever reads "sent" should know.
     */
    static String missed(JsonNode streams, String name, boolean discard) {
        StringJoiner text = new StringJoiner("; ");
        for (JsonNode stream : streams.path("streams")) {
            if (!stream.path("name").asText().equals(name)
                    || !stream.path("role").asText().equals("home")) {
                continue;
            }
            long dropped = stream.path("dropped").asLong();
            if (dropped > 0) {
                text.add((dropped == 1 ? "1 consumer or host was" : dropped + " consumers or hosts were")
                        + " dropped as too slow");
            }
            long letGo = discard ? 0 : stream.path("discarded").asLong();
            if (letGo > 0) {
                text.add((letGo == 1 ? "1 frame was" : letGo + " frames were") + " let go: no consumer was left");
            }
        }
        return text.toString();
    }

    private FileChannel open() throws IOException {
        if (input.equals("-")) {
            return new FileInputStream(FileDescriptor.in).getChannel();
        }
        try {
            return FileChannel.open(Path.of(input), StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            throw new CommandFailed("there is no file " + input, e);
        } catch (IOException e) {
            throw new CommandFailed("cannot open " + input + ": " + StreamFiles.why(e), e);
        }
    }

    private void copy(FileChannel in, FrameWriter writer) throws IOException {
        ByteBuffer window = writer.window();
        boolean first = true;
        boolean more = true;
        try (ProgressBar progress = new ProgressBar("stream " + name, size())) {
            while (more) {
                more = fill(in, window, progress);
                if (window.position() > 0) {
                    writer.swap(window.position());
                }
                if (first) {
                    awaitConsumer(writer);
                    first = false;
                }
            }
        }
    }

    /** Bytes to come where that is known, else 0. */
    private long size() throws IOException {
        return !input.equals("-") && Files.isRegularFile(Path.of(input)) ? Files.size(Path.of(input)) : 0;
    }

    /** Fills the window; false when the input has ended before it was full. */
    private boolean fill(FileChannel in, ByteBuffer window, ProgressBar progress) {
        while (window.hasRemaining()) {
            int part;
            try {
                part = in.read(window);
            } catch (IOException e) {
                String what = input.equals("-") ? "standard input" : input;
                throw new CommandFailed(
                        "cannot read " + what + " after " + bytes + " bytes: " + Reasons.of(e)
                                + "; the stream is not finished",
                        e);
            }
            if (part < 0) {
                return false;
            }
            bytes += part;
            progress.at(bytes);
        }
        return true;
    }

    /** The first frame, or the end of a stream that has none, is kept until somebody has come for it. */
    private void awaitConsumer(FrameWriter writer) {
        if (options.discard()) {
            return;
        }
        long startNs = System.nanoTime();
        Duration soon = wait.compareTo(SOON) < 0 ? wait : SOON;
        try {
            writer.drain(soon);
        } catch (RequestTimeoutException e) {
            if (soon.equals(wait)) {
                throw nobody(e);
            }
            command.note("waiting up to " + wait.toSeconds() + " s for a consumer of stream '" + name + "'");
            try {
                writer.drain(wait.minus(soon));
            } catch (RequestTimeoutException again) {
                throw nobody(again);
            }
        }
        waitedNs = System.nanoTime() - startNs;
    }

    private CommandFailed nobody(RequestTimeoutException e) {
        return new CommandFailed(
                "no consumer has taken the first frame within " + wait.toMillis() + " ms; start one (dsmctl stream "
                        + name + " --out FILE), wait for longer (--wait), or go on without one (--discard); "
                        + Reasons.of(e),
                e);
    }

    /** Lets the end of the stream through unless a signal was first. A killed `cat` closes the pipe to us, too. */
    private static final class Door {
        private boolean signalled;

        Door() {
            Runtime.getRuntime().addShutdownHook(new Thread(this::close, "stream-signalled"));
        }

        private synchronized void close() {
            signalled = true;
        }

        synchronized boolean pass(Runnable action) {
            if (!signalled) {
                action.run();
            }
            return !signalled;
        }
    }
}
