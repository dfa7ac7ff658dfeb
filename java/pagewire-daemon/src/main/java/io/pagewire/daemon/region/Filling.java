package io.pagewire.daemon.region;

/**
 * How far a region has come that must be in memory as a whole before it is used: the frames of a preloaded mapping, or the file
 * of a resident region (SPEC: V9-V11).
 *
 * <p>Safe for use by any thread.
 */
public interface Filling {
    /** Bytes that are there. */
    long done();

    /** Bytes in all. */
    long total();

    /** {@link io.pagewire.wire.LocalLayout#PROGRESS_RUNNING}, {@code PROGRESS_DONE} or {@code PROGRESS_FAILED}. */
    int state();

    /** What went wrong, or a warning; empty when there is nothing to say. */
    String text();
}
