package io.pagewire.internal;

import java.util.Arrays;

/**
 * A failure that its thread has still to be told of, as the glue hands it over: a {@code struct pw_untold}.
 *
 * <p>Immutable by convention (nobody keeps the array it is made of); safe for use by any thread.
 */
final class FailureRecord {
    static final int FIELDS = 10;

    private final long[] fields;

    FailureRecord(long[] fields) {
        this.fields = fields;
    }

    /** The one that begins at index {@code at * FIELDS}. */
    static FailureRecord of(long[] all, int at) {
        return new FailureRecord(Arrays.copyOfRange(all, at * FIELDS, (at + 1) * FIELDS));
    }

    /** Counts up within a mapping, from 1. */
    long id() {
        return fields[0];
    }

    long region() {
        return fields[1];
    }

    long page() {
        return fields[2];
    }

    /** Code of a FaultCause. */
    int cause() {
        return (int) fields[3];
    }

    int kernelThread() {
        return (int) fields[4];
    }

    /** The JNIEnv of the thread that faulted; 0 when it is no thread of the JVM. */
    long ident() {
        return fields[5];
    }

    /** Stands for the thread for its life. */
    long slot() {
        return fields[6];
    }

    /** Stands for this failure of the thread. */
    long ticket() {
        return fields[7];
    }

    long ageNs() {
        return fields[8];
    }

    /** Failures of the thread so far. */
    long count() {
        return fields[9];
    }
}
