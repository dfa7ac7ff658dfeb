package io.pagewire.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which file is exported as which region of this daemon. Two regions over one file would each believe to know who reads and who
 * writes, and readers of the one would keep what writers of the other have changed. A file is what device and inode say, whatever
 * path, link or mount leads to it; it is given back when no program can store into it any more.
 *
 * <p>Safe for use by any thread; finding out which file a path means may block.
 */
final class ExportedFiles {
    /** A file as the kernel knows it. */
    record Identity(Object device, Object inode) {
        /** The file that the path leads to now. */
        static Identity of(Path path) throws IOException {
            Map<String, Object> found = Files.readAttributes(path, "unix:dev,ino");
            return new Identity(found.get("dev"), found.get("ino"));
        }
    }

    /** @param why one clause: as what the file is exported, and what has to be done first */
    private record Use(String region, Supplier<String> why) {}

    private final Map<Identity, Use> uses = new HashMap<>();

    /**
     * Takes the file for a region.
     *
     * @param why asked when somebody else wants the file: in what state that region is
     * @return null, or why it cannot be had
     */
    synchronized String take(Identity file, Path path, String region, Supplier<String> why) {
        Use use = uses.putIfAbsent(file, new Use(region, why));
        return use == null
                ? null
                : "file " + path + " is exported already, as region " + use.region()
                        + use.why().get();
    }

    /** The region has no more to do with it. */
    synchronized void giveBack(Identity file) {
        uses.remove(file);
    }
}
