package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file system that is soon full. Who may not mount one skips the test.
 *
 * <p>For use by one thread.
 */
final class SmallDisk implements AutoCloseable {
    private final Path path;

    private SmallDisk(Path path) {
        this.path = path;
    }

    /** size: such as {@code 1m}. */
    static SmallDisk mount(Path path, String size) throws IOException {
        Files.createDirectories(path);
        assumeThat(call("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", path.toString()))
                .as("this user may mount a file system")
                .isZero();
        return new SmallDisk(path);
    }

    Path path() {
        return path;
    }

    void grow(String size) {
        assertThat(call("mount", "-o", "remount,size=" + size, path.toString())).isZero();
    }

    /** Detaches it, also when a test has failed and a daemon still has a file there: then it is gone with the daemon. */
    @Override
    public void close() {
        assertThat(call("umount", "--lazy", path.toString())).isZero();
    }

    private static int call(String... command) {
        try {
            return Await.exitOf(new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start());
        } catch (IOException e) {
            return -1; // no such program here
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
