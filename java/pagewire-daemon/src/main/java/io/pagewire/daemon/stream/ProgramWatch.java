package io.pagewire.daemon.stream;

import io.pagewire.daemon.local.StreamEnd;
import io.pagewire.daemon.sys.Timers;
import java.util.concurrent.ScheduledFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends in programs that no socket will ever speak for: the program has given up before it opened one, or it has ended and left
 * it to a process that was forked from it, which keeps it open and cannot use it. Everybody else would wait for such an end.
 *
 * <p>Belongs to the stream's event loop.
 */
final class ProgramWatch {
    /** A program that has its answer opens the socket at once; its library waits for 5 s, where nobody has set that. */
    static final int OPEN_MS = 20_000;

    private static final Logger LOG = LoggerFactory.getLogger(ProgramWatch.class);

    /** Also the time in which the last words of a program that has ended are read from its socket. */
    private static final int ENDED_MS = 1000;

    private final StreamRuntime stream;
    private ScheduledFuture<?> looks;

    ProgramWatch(StreamRuntime stream) {
        this.stream = stream;
    }

    void start() {
        looks = Timers.every(stream.loop(), ENDED_MS, timerOf("looking for programs that ended"), this::lookForEnded);
    }

    void stop() {
        if (looks != null) {
            looks.cancel(false);
        }
    }

    /** The end has been made, and the program is told. */
    void opened(StreamEnd end) {
        Timers.after(
                stream.loop(), OPEN_MS, timerOf("letting go of an end that nobody opened"), () -> dropUnopened(end));
    }

    private String timerOf(String doing) {
        return "stream " + stream.record().name() + ": " + doing;
    }

    private void dropUnopened(StreamEnd end) {
        if (!end.isAttached() && !end.isGone()) {
            LOG.warn(
                    "stream {}: the {} did not open its socket within {} ms",
                    stream.record().name(),
                    end,
                    OPEN_MS);
            stream.closed(end);
        }
    }

    private void lookForEnded() {
        for (StreamEnd end : stream.ends()) {
            if (end.process().hasEnded()) {
                Timers.after(
                        stream.loop(), ENDED_MS, timerOf("letting go of a program that ended"), () -> dropEnded(end));
            }
        }
    }

    private void dropEnded(StreamEnd end) {
        if (!end.isGone()) {
            LOG.info(
                    "stream {}: the {} has ended, and left its socket to another process",
                    stream.record().name(),
                    end);
            stream.closed(end);
        }
    }
}
