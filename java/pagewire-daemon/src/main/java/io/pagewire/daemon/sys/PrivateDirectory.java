package io.pagewire.daemon.sys;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * Directories that belong to one user. In /tmp anybody may have made a directory of the wanted name first, so an existing
 * one is used only when it is a real directory (no symbolic link), belongs to this user and lets nobody else in.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class PrivateDirectory {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private PrivateDirectory() {}

    /** Makes the directory with mode 0700 (parents with the usual mode), or checks the one that is there. */
    public static void ensure(Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            check(directory);
        }
    }

    /** Throws unless the path is a directory of this user with mode 0700, and says what to do. */
    public static void check(Path directory) throws IOException {
        Map<String, Object> found =
                Files.readAttributes(directory, "unix:isDirectory,mode,uid", LinkOption.NOFOLLOW_LINKS);
        int mode = (Integer) found.get("mode") & 07777;
        if (!(Boolean) found.get("isDirectory")) {
            throw new IOException(directory + " is not a directory; remove it or choose another path");
        }
        int owner = (Integer) found.get("uid");
        if (owner != Sys.userId()) {
            throw new IOException(directory + " belongs to user " + owner + ", not to user " + Sys.userId()
                    + "; choose another path");
        }
        if ((mode & 0077) != 0) {
            throw new IOException(
                    String.format("%s lets other users in (mode %04o); run: chmod 700 %s", directory, mode, directory));
        }
    }
}
