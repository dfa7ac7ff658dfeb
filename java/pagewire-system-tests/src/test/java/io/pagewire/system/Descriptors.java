package io.pagewire.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The open descriptors of a process by kind, as {@code /proc/PID/fd} shows them: sockets, memfds, pidfds, files.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Descriptors {
    private Descriptors() {}

    /** How many there are of each kind. */
    static Map<String, Integer> of(long pid) {
        Map<String, Integer> kinds = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path entry : entries) {
                kind(entry, kinds);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return kinds;
    }

    private static void kind(Path entry, Map<String, Integer> kinds) {
        try {
            String target = Files.readSymbolicLink(entry).toString();
            // The directory's own log and snapshot files come and go as it likes.
            if (!target.contains("/version-2/")) {
                kinds.merge(target.replaceFirst("\\[\\d+]$", "").replaceFirst("^/memfd:.*", "memfd"), 1, Integer::sum);
            }
        } catch (IOException e) {
            // Closed between the listing and the look at it.
        }
    }
}
