package io.pagewire.daemon.directory;

/**
 * A region, or the window of a frame stream, as the directory knows it, the same for all hosts (SPEC: V13, V15). Never changes
 * after it was made; id and address range are never given to another region, not even after this one was deleted.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param name 1 to 255 bytes of UTF-8, see {@link Names#checkRegion}
 * @param id 1 and up, unique within one {@link Directory#incarnation()}
 * @param base address, a multiple of 2 MiB
 * @param span bytes of address space: size rounded up to whole pages
 * @param size bytes of content, or of a stream's frames
 * @param pageSize bytes, a power of two, 4 KiB to 2 MiB
 * @param owner name of the host that may claim the region
 * @param file absolute path on the owner host; null unless exported
 * @param contentSession the daemon session that holds a created region's bytes: in any other session they are lost
 * @param anyWriter processes of every host may write, not only those of the owner
 * @param resident the exported file is read and locked in the owner's memory in advance
 */
public record RegionRecord(
        String name,
        int id,
        long base,
        long span,
        long size,
        int pageSize,
        Kind kind,
        String owner,
        String file,
        long contentSession,
        boolean anyWriter,
        boolean resident) {
    public static final int MIN_PAGE_SIZE = 4 << 10;
    public static final int MAX_PAGE_SIZE = 2 << 20;
    public static final long MAX_SIZE = 1L << 40;
    public static final long MAX_FRAME_SIZE = 1L << 30;

    /** Whether this is a frame stream and no region. */
    public boolean isStream() {
        return kind == Kind.STREAM;
    }
}
