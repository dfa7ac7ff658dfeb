package io.pagewire.daemon.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How much memory could be had now. A memfd takes memory until the kernel kills a process to get more, so whoever wants much of
 * it at once asks here first.
 *
 * <p>Stateless; safe for use by any thread that may block.
 */
public final class FreeMemory {
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path OWN_GROUP = Path.of("/proc/self/cgroup");
    private static final Path GROUPS = Path.of("/sys/fs/cgroup");

    private FreeMemory() {}

    /** Bytes that the machine, and every control group this process is in, would give without taking them from somebody. */
    public static long bytes() throws IOException {
        long free = available(Files.readAllLines(MEMORY));
        for (String line : Files.readAllLines(OWN_GROUP)) {
            if (line.startsWith("0::/")) { // the one hierarchy of version 2
                Path group = GROUPS.resolve(line.substring("0::/".length())).normalize();
                for (; group.startsWith(GROUPS); group = group.getParent()) {
                    free = Math.min(free, leftIn(group));
                }
            }
        }
        return free;
    }

    static long available(List<String> lines) throws IOException {
        for (String line : lines) {
            String[] words = line.split("\\s+");
            if (words.length > 1 && words[0].equals("MemAvailable:")) {
                return Long.parseLong(words[1]) << 10;
            }
        }
        throw new IOException(MEMORY + " names no MemAvailable");
    }

    private static long leftIn(Path group) throws IOException {
        Path limit = group.resolve("memory.max");
        if (!Files.exists(limit)) {
            return Long.MAX_VALUE; // the root, or memory is not controlled here
        }
        String most = Files.readString(limit).trim();
        if (most.equals("max")) {
            return Long.MAX_VALUE;
        }
        long used =
                Long.parseLong(Files.readString(group.resolve("memory.current")).trim());
        return Math.max(0, Long.parseLong(most) - used);
    }
}
