package io.pagewire.daemon.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file mapped for the sole purpose of keeping its pages in memory: the kernel reads and locks them, and no load or store ever
 * goes through the mapping, so a file that becomes shorter does no harm.
 *
 * <p>Safe for use by any thread until it is closed.
 */
public final class LockedFile implements AutoCloseable {
    private static final long PAGE = 4096;
    private static final Path LIMITS = Path.of("/proc/self/limits");

    private final long address;
    private final long length;

    private LockedFile(long address, long length) {
        this.address = address;
        this.length = length;
    }

    /** Maps the beginning of a file; the descriptor is not needed any more afterwards. */
    public static LockedFile map(int descriptor, long size) throws IOException {
        long length = (size + PAGE - 1) & -PAGE;
        return new LockedFile(Sys.mapToRead(descriptor, length), length);
    }

    /**
     * Reads what is not in memory yet and locks it; blocks. Null when that was done, else the reason why not, such as {@code
     * mlock of 4194304 bytes: ENOMEM (Cannot allocate memory)}.
     *
     * @param offset a multiple of 4096
     */
    public String lock(long offset, long bytes) {
        return Sys.lock(address + offset, bytes);
    }

    /** How to have the limit on locked memory raised, with its value. */
    public static String advice() throws IOException {
        return "the limit on locked memory (RLIMIT_MEMLOCK) of dsmd is " + limit()
                + "; raise it with `prlimit --memlock=unlimited"
                + " --pid " + ProcessHandle.current().pid()
                + "`, or before dsmd starts with `ulimit -l unlimited` or LimitMEMLOCK=infinity in its systemd unit";
    }

    /** The limit as the kernel writes it: {@code 8388608 bytes}, {@code unlimited}. */
    static String limit() throws IOException {
        for (String line : Files.readAllLines(LIMITS)) {
            if (line.startsWith("Max locked memory")) {
                String soft =
                        line.substring("Max locked memory".length()).trim().split(" +")[0];
                return soft.equals("unlimited") ? soft : soft + " bytes";
            }
        }
        throw new IOException(LIMITS + " does not name the limit on locked memory");
    }

    @Override
    public void close() throws IOException {
        Sys.unmap(address, length);
    }
}
