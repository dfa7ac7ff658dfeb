package io.pagewire.internal;

/**
 * A {@code struct pw_failure} as the glue hands it over: id, region handle, page, cause, kernel thread, ident.
 *
 * <p>Immutable by convention (nobody keeps the array it is made of); safe for use by any thread.
 */
final class FailureRecord {
    static final int FIELDS = 6;

    private final long[] fields;

    FailureRecord(long[] fields) {
        this.fields = fields;
    }

    /** As C gave it; not to be changed. */
    long[] fields() {
        return fields;
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
}
