package io.pagewire;

import java.util.Objects;

/**
 * What kind of region to make. Start from {@link #defaults()} and change what is needed. {@link Pagewire} checks the values.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param pageSize bytes, a power of two from 4096 to 2 MiB; 0 (default) = 4096
 * @param writers whose processes may store; default {@link Writers#OWNER} (SPEC: O2, V7)
 * @param resident true = an exported file is read and locked in memory before the call returns (SPEC: V9); not for created
 *     regions, which have no file; default false
 * @param progress hears how far that has come; null (default) = nobody
 */
public record RegionOptions(int pageSize, Writers writers, boolean resident, Progress progress) {
    private static final RegionOptions DEFAULTS = new RegionOptions(0, Writers.OWNER, false, null);

    /** writers must not be null. */
    public RegionOptions {
        Objects.requireNonNull(writers, "writers");
    }

    /** Pages of 4 KiB that only processes of the owning host may write, on demand. */
    public static RegionOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another page size in bytes. */
    public RegionOptions withPageSize(int value) {
        return new RegionOptions(value, writers, resident, progress);
    }

    /** The same with other writers. */
    public RegionOptions withWriters(Writers value) {
        return new RegionOptions(pageSize, value, resident, progress);
    }

    /** The same with another choice of whether the file is held in memory. */
    public RegionOptions withResident(boolean value) {
        return new RegionOptions(pageSize, writers, value, progress);
    }

    /** The same with another listener to progress; null = none. */
    public RegionOptions withProgress(Progress value) {
        return new RegionOptions(pageSize, writers, resident, value);
    }
}
