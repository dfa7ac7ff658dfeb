package io.pagewire.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.Frame;
import io.pagewire.FrameReader;
import io.pagewire.Pagewire;
import io.pagewire.RegionNotFoundException;
import io.pagewire.RequestTimeoutException;
import io.pagewire.StreamStats;
import io.pagewire.SubscribeOptions;
import io.pagewire.wire.Reasons;
import io.pagewire.wire.StandardOutput;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/**
 * A consumer's side of {@code dsmctl stream}: writes the used bytes of each frame straight from the window.
 *
 * <p>Runs on the main thread.
 */
final class StreamOut {
    /** A producer that takes longer than this is worth a word. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private final StreamCommand command;
    private final String name;
    private final String output;
    private final SubscribeOptions options;
    private final Duration deadline;
    private final boolean standard;
    private boolean made;

    /** deadline: null = as long as the producer lives. */
    StreamOut(StreamCommand command, String name, String output, SubscribeOptions options, Duration deadline) {
        this.command = command;
        this.name = name;
        this.output = output;
        this.options = deadline == null ? options : options.withDeadline(deadline);
        this.deadline = deadline;
        this.standard = output.equals("-");
    }

    int run() throws IOException {
        // Opened first: frames that were kept for a first consumer are not wasted on one that cannot write.
        try (FileChannel out = open();
                Pagewire pagewire = connect();
                FrameReader reader = subscribe(pagewire)) {
            reader.warning().ifPresent(command::warn);
            if (!standard && Files.isRegularFile(Path.of(output))) {
                out.truncate(0);
            }
            long startNs = System.nanoTime();
            copy(reader, out);
            report(reader.stats(), (System.nanoTime() - startNs) / 1e9);
        }
        return 0;
    }

    private FileChannel open() {
        try {
            return standard ? new FileOutputStream(FileDescriptor.out).getChannel() : openFile(Path.of(output));
        } catch (IOException e) {
            throw new CommandFailed("cannot open " + output + ": " + StreamFiles.why(e), e);
        }
    }

    private FileChannel openFile(Path file) throws IOException {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            made = true;
            return channel;
        } catch (FileAlreadyExistsException e) {
            return FileChannel.open(file, StandardOpenOption.WRITE);
        }
    }

    private Pagewire connect() {
        try {
            return command.connect();
        } catch (RuntimeException e) {
            throw unmade(e);
        }
    }

    private FrameReader subscribe(Pagewire pagewire) {
        Duration wait = options.producerWait();
        Duration soon = wait.compareTo(SOON) < 0 ? wait : SOON;
        try {
            return pagewire.subscribeFrames(name, options.withWait(soon));
        } catch (RegionNotFoundException e) {
            if (soon.equals(wait)) {
                throw unmade(e);
            }
            command.note("waiting up to " + wait.toSeconds() + " s for a producer of stream '" + name + "'");
        } catch (RuntimeException e) {
            throw unmade(e);
        }
        try {
            return pagewire.subscribeFrames(name, options.withWait(wait.minus(soon)));
        } catch (RegionNotFoundException e) {
            throw unmade(new CommandFailed(
                    "no program has published stream '" + name + "' within " + wait.toSeconds()
                            + " s; start its producer, or wait for longer",
                    e));
        } catch (RuntimeException e) {
            throw unmade(e);
        }
    }

    /** Takes the file away again that was made for a stream of which nothing has come. */
    private RuntimeException unmade(RuntimeException e) {
        if (made) {
            try {
                Files.deleteIfExists(Path.of(output));
            } catch (IOException left) {
                e.addSuppressed(left);
            }
        }
        return e;
    }

    private void copy(FrameReader reader, FileChannel out) {
        long bytes = 0;
        boolean first = true;
        try (ProgressBar progress = new ProgressBar("stream " + name)) {
            for (Optional<Frame> frame = next(reader); frame.isPresent(); frame = next(reader)) {
                if (first) {
                    tellWhatCameBefore(frame.get());
                    first = false;
                }
                if (!write(out, reader.window(), bytes)) {
                    return;
                }
                bytes += frame.get().length();
                progress.at(bytes);
            }
        }
    }

    /** Who writes a whole file should know when it is not the whole of it. One that only wants the newest does not care. */
    private void tellWhatCameBefore(Frame first) {
        if (first.number() > 1 && !options.latest()) {
            command.note("begins with frame " + first.number() + " of stream '" + name
                    + "': the ones before were swapped before this consumer came");
        }
    }

    /** Waits for as long as it takes, where no deadline was given: that the producer lives is looked after by dsmd. */
    private Optional<Frame> next(FrameReader reader) {
        while (true) {
            try {
                return reader.next();
            } catch (RequestTimeoutException e) {
                if (deadline != null) {
                    throw e;
                }
            }
        }
    }

    /** False when nobody reads the output any more, as with `head`. */
    private boolean write(FileChannel out, ByteBuffer window, long before) {
        try {
            while (window.hasRemaining()) {
                out.write(window);
            }
            return true;
        } catch (IOException e) {
            if (standard && StandardOutput.isBrokenPipe(e)) {
                return false;
            }
            String what = standard ? "standard output" : output;
            throw new CommandFailed("cannot write to " + what + " after " + before + " bytes: " + Reasons.of(e), e);
        }
    }

    private void report(StreamStats stats, double seconds) {
        PrintWriter to = standard ? command.err() : command.out();
        ObjectNode summary = StreamSummary.of(name, stats, seconds);
        if (!standard || command.json()) {
            StreamSummary.print(command, to, "received", summary);
        } else if (stats.skipped() > 0) {
            command.note("skipped " + stats.skipped() + " of " + (stats.frames() + stats.skipped()) + " frames");
        }
    }
}
