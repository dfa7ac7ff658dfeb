package io.pagewire.cli;

import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.NoSuchFileException;

/**
 * Why a file cannot be opened, in words: what the JDK throws for the common cases says nothing but the file's name.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class StreamFiles {
    private StreamFiles() {}

    static String why(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such folder";
        }
        return Reasons.why(e);
    }
}
