package io.pagewire.cli;

/**
 * Checks of the part of a region that a command names.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Range {
    private Range() {}

    /**
     * The bytes from offset on, all of them when length is null.
     *
     * @throws CommandFailed when they do not lie within the region
     */
    static long length(String name, long size, long offset, Long length) {
        if (offset > size) {
            throw new CommandFailed(
                    "offset " + offset + " lies beyond the end of region '" + name + "' (" + size + " bytes)");
        }
        if (length == null) {
            return size - offset;
        }
        if (length > size - offset) {
            throw new CommandFailed("region '" + name + "' has " + (size - offset) + " bytes from offset " + offset
                    + " on, not " + length);
        }
        return length;
    }
}
