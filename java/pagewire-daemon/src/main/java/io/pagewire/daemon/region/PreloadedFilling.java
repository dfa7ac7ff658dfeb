package io.pagewire.daemon.region;

import io.pagewire.wire.LocalLayout;

/**
 * How far the frames of a preloaded region are filled.
 *
 * <p>Written by the region's event loop, read by any thread.
 */
final class PreloadedFilling implements Filling {
    private final long total;
    private volatile long done;
    private volatile int state = LocalLayout.PROGRESS_RUNNING;
    private volatile String text = "";

    PreloadedFilling(long total) {
        this.total = total;
    }

    @Override
    public long done() {
        return done;
    }

    @Override
    public long total() {
        return total;
    }

    @Override
    public int state() {
        return state;
    }

    @Override
    public String text() {
        return text;
    }

    /** From the beginning. */
    void begins() {
        done = 0;
        text = "";
        state = LocalLayout.PROGRESS_RUNNING;
    }

    void cameTo(long bytes) {
        done = Math.min(bytes, total);
    }

    /** @param warning empty when there is none */
    void complete(String warning) {
        done = total;
        text = warning;
        state = LocalLayout.PROGRESS_DONE;
    }

    void failed(String reason) {
        text = reason;
        state = LocalLayout.PROGRESS_FAILED;
    }

    boolean isDone() {
        return state == LocalLayout.PROGRESS_DONE;
    }

    boolean isFailed() {
        return state == LocalLayout.PROGRESS_FAILED;
    }
}
