package io.pagewire.daemon.directory;

/**
 * What a host asks the directory to make: everything of a {@link RegionRecord} that the directory does not allot itself. A
 * created region is as long as its span, so its size is rounded up to whole pages; an exported one has the file's size.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param name see {@link Names#checkRegion}
 * @param size bytes of content, 1 to {@link RegionRecord#MAX_SIZE}
 * @param pageSize bytes, a power of two, 4 KiB to 2 MiB
 * @param file absolute path on the owner host; null for a created region
 */
public record RegionSpec(String name, long size, int pageSize, Kind kind, String file) {
    public static RegionSpec created(String name, long size, int pageSize) {
        return new RegionSpec(name, size, pageSize, Kind.CREATED, null);
    }

    public static RegionSpec exported(String name, long size, int pageSize, String file) {
        return new RegionSpec(name, size, pageSize, Kind.EXPORTED, file);
    }
}
