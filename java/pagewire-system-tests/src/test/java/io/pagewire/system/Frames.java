package io.pagewire.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

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

    /** Bytes of memory in all regions of a daemon at one moment, as the kernel counts them. */
    static long allocated(Host host) {
        try {
            Process look = new ProcessBuilder(CProgram.memfds().toString(), Long.toString(host.pid()))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(look.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
            if (!said.matches("[0-9]+")) {
                throw new AssertionError("the memory of host " + host + ": " + said);
            }
            return Long.parseLong(said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
