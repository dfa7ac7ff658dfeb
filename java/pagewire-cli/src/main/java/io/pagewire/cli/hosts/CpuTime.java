package io.pagewire.cli.hosts;

import io.pagewire.cli.CommandFailed;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Processor time that some processes use together, of all their threads, from {@code /proc/PID/stat}: in steps of 10 ms a process.
 *
 * <p>Not thread safe: one thread measures.
 */
public final class CpuTime {
    /** What Linux shows to programs is in hundredths of a second on every machine. */
    private static final long TICK_NS = 10_000_000;

    /** Positions after the name, which may have spaces in it. */
    private static final int USER = 11;

    private static final int SYSTEM = 12;

    private final long[] pids;
    private long beforeNs;

    public CpuTime(long... pids) {
        this.pids = pids.clone();
        start();
    }

    /** What has been used up to now does not count. */
    public void start() {
        beforeNs = totalNs();
    }

    /** Nanoseconds used since the start. */
    public long ns() {
        return totalNs() - beforeNs;
    }

    private long totalNs() {
        long ticks = 0;
        for (long pid : pids) {
            ticks += ticks(Path.of("/proc", Long.toString(pid), "stat"));
        }
        return ticks * TICK_NS;
    }

    private static long ticks(Path stat) {
        try {
            String text = Files.readString(stat);
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
        } catch (IOException e) {
            throw new CommandFailed("cannot read " + stat + ": " + Reasons.of(e), e);
        }
    }
}
