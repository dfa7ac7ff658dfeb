package io.pagewire.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code /proc/PID/maps} says about a process.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class ProcessMaps {
    /** What stands at an address: a file by device and inode, and where in it. */
    record Mapping(String file, long offset, String rights, String name) {}

    private ProcessMaps() {}

    /** The mapping at this address. */
    static Mapping at(long pid, String address) {
        long wanted = Long.parseUnsignedLong(address.substring(2), 16);
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "maps"))) {
                String[] fields = line.split("\\s+", 6);
                String[] range = fields[0].split("-");
                long from = Long.parseUnsignedLong(range[0], 16);
                if (from <= wanted && wanted < Long.parseUnsignedLong(range[1], 16)) {
                    long offset = Long.parseLong(fields[2], 16) + wanted - from;
                    return new Mapping(
                            fields[3] + " " + fields[4], offset, fields[1], fields.length > 5 ? fields[5] : "");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("process " + pid + " has nothing at " + address);
    }

    /** How many mappings have a name with this in it. */
    static long count(long pid, String part) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "maps")).stream()
                    .filter(line -> line.contains(part))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
