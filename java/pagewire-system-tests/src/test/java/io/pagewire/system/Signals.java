package io.pagewire.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Stops, continues and kills processes, and looks at what the kernel says about them.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Signals {
    private Signals() {}

    /** Returns when every thread of the process has stopped. */
    static void stop(long pid) {
        send("STOP", pid);
        Await.until("process " + pid + " to be stopped").until(() -> hasStopped(pid));
    }

    private static boolean hasStopped(long pid) {
        String[] threads = Path.of("/proc", Long.toString(pid), "task").toFile().list();
        for (String thread : threads == null ? new String[0] : threads) {
            char state = state(Path.of("/proc", Long.toString(pid), "task", thread, "stat"));
            if (state != 'T' && state != 'Z') { // the first thread of a process may have ended before the others
                return false;
            }
        }
        return threads != null;
    }

    static void resume(long pid) {
        send("CONT", pid);
    }

    static void terminate(long pid) {
        send("TERM", pid);
    }

    static void kill(long pid) {
        send("KILL", pid);
    }

    /** The state letter of /proc/PID/stat; 0 when there is no such process. */
    static char state(long pid) {
        return state(Path.of("/proc", Long.toString(pid), "stat"));
    }

    private static char state(Path file) {
        try {
            String stat = Files.readString(file);
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            // ESRCH while reading: it ended this moment.
            return 0;
        }
    }

    /** True when the process has ended, reaped or not. */
    static boolean gone(long pid) {
        char state = state(pid);
        return state == 0 || state == 'Z' || state == 'X';
    }

    private static void send(String signal, long pid) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(kill.getInputStream().readAllBytes());
            if (kill.waitFor() != 0) {
                throw new AssertionError("kill -" + signal + " " + pid + ": " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
