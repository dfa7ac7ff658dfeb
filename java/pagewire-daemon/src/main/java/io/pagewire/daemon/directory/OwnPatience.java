package io.pagewire.daemon.directory;

import java.time.Duration;
import java.util.Locale;

/**
 * How long this process waits for something that its own threads have to do, as the start of the embedded directory: as long as
 * they get on with it. A clock on the wall would judge the machine: with thirty other programs on a processor a start takes
 * thirty times as long. So what counts is the processor time that this process gets. Waiting ends when it has got hardly any for
 * long (its threads wait for something that does not come, as a disk that hangs), or so much that more will not help.
 *
 * <p>Somebody looks once in {@link #LOOK_MS}; two looks that are further apart, because the process was stopped, count no more
 * than that. For use by one thread.
 */
final class OwnPatience {
    static final int LOOK_MS = 1000;

    /** Less than this between two looks is no progress: an idle JVM that tries to connect needs some milliseconds. */
    static final Duration LEAST = Duration.ofMillis(20);

    static final int IDLE_LOOKS = 30;

    /** A start takes about a second of it. */
    static final Duration MOST = Duration.ofMinutes(1);

    private static final int LOOKS_BETWEEN_LINES = 5;

    private final Duration begin;
    private Duration last;
    private int looks;
    private int idle;

    /** used: processor time of this process so far, as {@link #processorTime} says. */
    OwnPatience(Duration used) {
        begin = used;
        last = used;
    }

    /** What all threads of this process have had; zero where the system does not say. */
    static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Whether there is reason to wait on, at a look. */
    boolean waitsOn(Duration used) {
        looks++;
        idle = used.minus(last).compareTo(LEAST) < 0 ? idle + 1 : 0;
        last = used;
        return idle < IDLE_LOOKS && used.minus(begin).compareTo(MOST) < 0;
    }

    /** Whether it is time for a line in the log that says what is waited for. */
    boolean isTimeToTell() {
        return looks % LOOKS_BETWEEN_LINES == 0;
    }

    /** For a message: for how long, and what of that was work. */
    String spent() {
        return String.format(
                Locale.ROOT,
                "for %d s, in which this process has had %.1f s of a processor",
                (long) looks * LOOK_MS / 1000,
                last.minus(begin).toMillis() / 1000.0);
    }
}
