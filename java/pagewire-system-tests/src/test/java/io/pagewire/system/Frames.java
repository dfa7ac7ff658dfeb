package io.pagewire.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the frames of a daemon take: what it says itself, and what the kernel says of its memfds.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Frames {
    private Frames() {}

    static JsonNode of(Host host) {
        JsonNode frames = host.status().path("frames");
        if (!frames.isObject()) {
            throw new AssertionError("the status of host " + host + " says nothing of frames");
        }
        return frames;
    }

    static long used(Host host) {
        return of(host).path("used").asLong();
    }

    /** Bytes of memory in all regions of a daemon, as the kernel counts them. */
    static long allocated(Host host) {
        Map<String, Long> blocks = new TreeMap<>();
        Path descriptors = Path.of("/proc", Long.toString(host.pid()), "fd");
        try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : open) {
                if (target(descriptor).startsWith("/memfd:pagewire:")) {
                    String[] stat = stat(descriptor);
                    if (stat.length == 2) {
                        blocks.put(stat[0], Long.parseLong(stat[1]) * 512);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return blocks.values().stream().mapToLong(Long::longValue).sum();
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed between the listing and the look at it
        }
    }

    /** Inode and blocks of 512 bytes; empty when it was closed meanwhile. */
    private static String[] stat(Path descriptor) throws IOException {
        Process stat = new ProcessBuilder("stat", "-L", "-c", "%i %b", descriptor.toString()).start();
        return new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .trim()
                .split(" ");
    }
}
