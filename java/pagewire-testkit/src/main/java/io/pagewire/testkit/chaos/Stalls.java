package io.pagewire.testkit.chaos;

/**
 * Measures how long this process gets no processor: on a machine that is busy with other work, deadlines pass for reasons that
 * are not the product's.
 *
 * <p>Has a thread of its own; safe for use by any thread.
 */
final class Stalls {
    private static final long STEP_MS = 10;

    private volatile long longestNs;

    Stalls() {
        Thread thread = new Thread(this::measure, "stalls");
        thread.setDaemon(true);
        thread.start();
    }

    long longestMs() {
        return longestNs / 1_000_000;
    }

    private void measure() {
        try {
            for (long last = System.nanoTime(); ; ) {
                Thread.sleep(STEP_MS);
                long now = System.nanoTime();
                longestNs = Math.max(longestNs, now - last - STEP_MS * 1_000_000);
                last = now;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
