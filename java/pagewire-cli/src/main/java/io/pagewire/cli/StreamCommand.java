package io.pagewire.cli;

import io.pagewire.FrameOptions;
import io.pagewire.SubscribeOptions;
import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl stream}: bytes through a stream of frames, as its producer or as one of its consumers (SPEC: V12).
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "stream",
        description = {
            "Sends a file or standard input as a stream of frames (--in), or writes the frames of a stream to a file or "
                    + "standard output (--out).",
            "Every frame is full but the last. The producer waits for a first consumer, and ends when every consumer has been "
                    + "given all; a producer that is interrupted or killed, or whose input cannot be read, does not finish the "
                    + "stream, and its consumers end with an error. A consumer ends with 0 at the end of the stream, and also "
                    + "when nobody reads its standard output any more. Start either side first."
        },
        footer = {
            "",
            "Example:  cat big | dsmctl stream film --in -",
            "          dsmctl stream film --out - | sha256sum",
            "          dsmctl stream camera --in /dev/video --frame-size 8M --discard",
            "          dsmctl stream camera --out - --latest | player"
        })
final class StreamCommand extends DaemonCommand {
    private static final long MOST = 1L << 30;
    private static final Duration HOUR = Duration.ofHours(1);

    @Parameters(paramLabel = "NAME", description = "Name of the stream.")
    private String name;

    @ArgGroup(multiplicity = "1")
    private Side side;

    private static final class Side {
        @Option(
                names = "--in",
                paramLabel = "FILE",
                description = "Be the producer: send this file; - is standard input.")
        private String in;

        @Option(
                names = "--out",
                paramLabel = "FILE",
                description = "Be a consumer: write to this file, which is made or overwritten; - is standard output.")
        private String out;
    }

    @Option(
            names = "--frame-size",
            paramLabel = "SIZE",
            converter = Sizes.class,
            description = "With --in: bytes in a frame, at most 1G. Default: 8M.")
    private Long frameSize;

    @Option(
            names = "--frames",
            paramLabel = "N",
            defaultValue = "4",
            description = "Frames of this side, 2 to 16. Default: 4.")
    private int frames;

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = Durations.class,
            description =
                    "How long to wait for the other side: a producer, or a first consumer; at most 1h. Default: 30s.")
    private Duration wait;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            converter = Durations.class,
            description =
                    "Fail when no frame is free, or none has come, for that long; at most 1h. Default: 10s with --in; with "
                            + "--out as long as the producer lives.")
    private Duration deadline;

    @Option(
            names = "--drop-after",
            paramLabel = "TIME",
            converter = Durations.class,
            description =
                    "With --in: drop a consumer that holds the producer up for that long, 100ms to 1h. Default: 5s.")
    private Duration dropAfter;

    @Option(
            names = "--discard",
            description = "With --in: wait for no consumer; frames that nobody is there for are let go.")
    private boolean discard;

    @Option(names = "--latest", description = "With --out: skip to the newest frame rather than hold the producer up.")
    private boolean latest;

    @Override
    public Integer call() throws IOException {
        require(frames >= 2 && frames <= 16, "--frames must be from 2 to 16");
        require(wait.compareTo(HOUR) <= 0, "--wait must be at most 1h");
        require(deadline == null || deadline.compareTo(HOUR) <= 0, "--deadline must be at most 1h");
        if (side.in != null) {
            require(!latest, "--latest is for --out");
            return new StreamIn(this, name, side.in, frameOptions(), wait).run();
        }
        require(
                frameSize == null && dropAfter == null && !discard,
                "--frame-size, --drop-after and --discard are for --in");
        SubscribeOptions options = SubscribeOptions.defaults()
                .withFrames(frames)
                .withLatest(latest)
                .withWait(wait);
        return new StreamOut(this, name, side.out, options, deadline).run();
    }

    private FrameOptions frameOptions() {
        long size = frameSize == null ? 8 << 20 : frameSize;
        require(size >= 1 && size <= MOST, "--frame-size must be from 1 byte to 1G");
        FrameOptions options = FrameOptions.ofSize(size).withFrames(frames).withDiscard(discard);
        if (deadline != null) {
            options = options.withDeadline(deadline);
        }
        if (dropAfter != null) {
            require(
                    dropAfter.toMillis() >= 100 && dropAfter.compareTo(HOUR) <= 0,
                    "--drop-after must be from 100ms to 1h");
            options = options.withDropAfter(dropAfter);
        }
        return options;
    }

    private void require(boolean good, String otherwise) {
        if (!good) {
            throw usage(otherwise);
        }
    }
}
