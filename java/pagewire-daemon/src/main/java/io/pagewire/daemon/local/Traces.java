package io.pagewire.daemon.local;

import io.pagewire.daemon.sys.ProcessMaps;
import java.io.IOException;

/**
 * What {@code /proc} says about whether a process may still use a region. The library maps the region's lease page before it
 * gives itself any right, and gives it back only when all rights are gone; a program that runs in the place of another one
 * ({@code exec}) has nothing of it.
 */
public enum Traces {
    /** The process has no memory, or memory without the lease page: it has no right left. */
    NONE,
    /** The lease page stands in its memory: it may use the region, now or when it goes on. */
    LEASE,
    /** Its memory cannot be looked at: it may have anything. */
    UNKNOWN;

    /**
     * Looks; may block. The caller holds a pidfd of the process and asks it afterwards whether this was the process.
     *
     * @param lease name of the region's lease page
     */
    public static Traces of(int pid, String lease) {
        try {
            return ProcessMaps.memfds(ProcessMaps.of(pid), lease).contains(lease) ? LEASE : NONE;
        } catch (IOException e) {
            return UNKNOWN;
        }
    }
}
