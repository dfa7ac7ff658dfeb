package io.pagewire.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
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
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.getMessage();
    }
}
