package io.pagewire.daemon.sys;

import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time namespace of this process, which gives its CLOCK_MONOTONIC and CLOCK_BOOTTIME an offset of their own. A process with
 * threads cannot change it.
 *
 * <p>Safe for use by any thread.
 */
public final class TimeNamespace {
    private static final Logger LOG = LoggerFactory.getLogger(TimeNamespace.class);
    private static final Path OWN = Path.of("/proc/self/ns/time");
    private static final long INODE = read();

    private TimeNamespace() {}

    /** What tells this namespace from every other one there is now; 0 when the kernel knows none (before Linux 5.6) or does not say. */
    public static long inode() {
        return INODE;
    }

    private static long read() {
        if (!Files.exists(OWN)) {
            return 0;
        }
        try {
            return (long) Files.getAttribute(OWN, "unix:ino");
        } catch (IOException e) {
            LOG.warn(
                    "the time namespace of this process is not known, so programs measure the clock of this dsmd: {}",
                    Reasons.of(e));
            return 0;
        }
    }
}
