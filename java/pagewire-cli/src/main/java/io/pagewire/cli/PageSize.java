package io.pagewire.cli;

/**
 * The page sizes a region may have: powers of two from 4 KiB to 2 MiB.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class PageSize {
    private static final long LEAST = 4096;
    private static final long MOST = 2 << 20;

    private PageSize() {}

    /** The page size as an int, or the command's usage error. */
    static int check(long bytes, BaseCommand command) {
        if (bytes < LEAST || bytes > MOST || Long.bitCount(bytes) != 1) {
            throw command.usage("--page-size " + Sizes.human(bytes) + " is not a power of two from 4 KiB to 2 MiB");
        }
        return (int) bytes;
    }
}
