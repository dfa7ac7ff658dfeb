package io.pagewire.daemon.directory;

/**
 * What a host asks the directory to make: everything of a {@link RegionRecord} that the directory does not allot itself. A
 * created region is as long as its span, so its size is rounded up to whole pages; an exported one has the file's size.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param name see {@link Names#checkRegion}
 * @param size bytes of content, 1 to {@link RegionRecord#MAX_SIZE}; of a stream, bytes of a frame, at most {@link
 *     RegionRecord#MAX_FRAME_SIZE}
 * @param pageSize bytes, a power of two, 4 KiB to 2 MiB
 * @param file absolute path on the owner host; null unless exported
 * @param anyWriter processes of every host may write, not only those of the owner
 * @param resident the file is read and locked in memory in advance; exported regions only
 */
public record RegionSpec(
        String name, long size, int pageSize, Kind kind, String file, boolean anyWriter, boolean resident) {
    public static RegionSpec created(String name, long size, int pageSize) {
        return new RegionSpec(name, size, pageSize, Kind.CREATED, null, false, false);
    }

    public static RegionSpec exported(String name, long size, int pageSize, String file) {
        return new RegionSpec(name, size, pageSize, Kind.EXPORTED, file, false, false);
    }

    /** A frame stream (SPEC: V12). */
    public static RegionSpec stream(String name, long frameSize) {
        return new RegionSpec(name, frameSize, RegionRecord.MIN_PAGE_SIZE, Kind.STREAM, null, false, false);
    }

    /** The same, written by the processes of every host, or of the owner only. */
    public RegionSpec withAnyWriter(boolean any) {
        return new RegionSpec(name, size, pageSize, kind, file, any, resident);
    }

    /** The same, read and locked in memory in advance, or not. */
    public RegionSpec withResident(boolean inAdvance) {
        return new RegionSpec(name, size, pageSize, kind, file, anyWriter, inAdvance);
    }
}
