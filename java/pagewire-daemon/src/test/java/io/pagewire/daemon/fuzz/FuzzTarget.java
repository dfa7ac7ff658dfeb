package io.pagewire.daemon.fuzz;

import java.util.List;

/**
 * Something of the daemon that takes bytes from outside. A run must end by itself, give the same result for the same bytes,
 * and throws whatever is wrong.
 *
 * <p>For use by one thread.
 */
public interface FuzzTarget extends AutoCloseable {
    /** Short, for command lines. */
    String name();

    /** Real messages, made by the production encoders. */
    List<byte[]> corpus() throws Exception;

    void run(byte[] bytes) throws Exception;

    /** Longest input, in bytes. */
    default int longest() {
        return 4096;
    }

    @Override
    default void close() {}
}
