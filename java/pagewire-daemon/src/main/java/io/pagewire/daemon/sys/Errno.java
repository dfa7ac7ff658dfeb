package io.pagewire.daemon.sys;

/**
 * Error numbers of Linux (the same on x86-64 and arm64) and their names.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Errno {
    static final int ENOENT = 2;
    static final int ESRCH = 3;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int ENXIO = 6;
    static final int ENOMEM = 12;
    static final int EPERM = 1;
    static final int EISDIR = 21;
    static final int EACCES = 13;
    static final int EINVAL = 22;
    static final int ETXTBSY = 26;
    static final int EROFS = 30;
    static final int ENOLCK = 37;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;

    /** Names by number, from 1. */
    private static final String[] NAMES = ("EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM"
                    + " EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY"
                    + " ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS"
                    + " ENOTEMPTY ELOOP")
            .split(" ");

    private Errno() {}

    /** For example {@code EBADF (Bad file descriptor)}. */
    static String text(LibC c, int errno) {
        String name = "errno " + errno;
        if (errno >= 1 && errno <= NAMES.length) {
            name = NAMES[errno - 1];
        } else if (errno == EOPNOTSUPP) {
            name = "EOPNOTSUPP";
        } else if (errno == 122) {
            name = "EDQUOT";
        } else if (errno == 116) {
            name = "ESTALE";
        }
        return name + " (" + c.strerror(errno) + ")";
    }
}
