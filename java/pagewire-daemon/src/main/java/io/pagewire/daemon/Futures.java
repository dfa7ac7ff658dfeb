package io.pagewire.daemon;

import io.pagewire.daemon.directory.DirectoryException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Waits for the directory on a thread that may block. The directory keeps the deadline.
 *
 * <p>Stateless; safe for use by any thread but the directory's own.
 */
final class Futures {
    private Futures() {}

    static <T> T get(CompletableFuture<T> future) throws DirectoryException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DirectoryException problem) {
                throw problem;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DirectoryException(DirectoryException.Kind.TIMEOUT, "dsmd is stopping", e);
        }
    }
}
