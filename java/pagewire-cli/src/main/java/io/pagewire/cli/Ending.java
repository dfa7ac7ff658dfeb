package io.pagewire.cli;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * When a command that keeps something is to end: after some time, with its input, or by a signal. After a signal the process
 * stays until the command has cleaned up, which it says by closing this.
 *
 * <p>The main thread waits and closes; input and signals have threads of their own.
 */
final class Ending implements AutoCloseable {
    private final CountDownLatch over = new CountDownLatch(1);
    private final CountDownLatch clean = new CountDownLatch(1);
    private final Thread hook = new Thread(this::signalled, "ending");

    Ending() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The end of this stream is the end. */
    void withEndOf(InputStream in) {
        Thread reader = new Thread(
                () -> {
                    try {
                        in.transferTo(java.io.OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // Input that cannot be read any more has ended as well.
                    }
                    over.countDown();
                },
                "input");
        reader.setDaemon(true);
        reader.start();
    }

    /** Waits for the end, at most for that long; null = however long it takes. */
    void await(Duration time) throws InterruptedException {
        if (time == null) {
            over.await();
        } else {
            over.await(time.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void signalled() {
        over.countDown();
        try {
            clean.await(); // as long as what was written gets home; every other wait of a clean-up has a deadline
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** All is cleaned up. */
    @Override
    public void close() {
        clean.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook runs or has run.
        }
    }
}
