package io.pagewire.daemon.sys;

import com.kenai.jffi.MemoryIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * The Linux system calls that the Java library does not have. A call that fails throws an {@link IOException} such as
 * {@code memfd_create "prices" of 4096 bytes: ENOMEM (Cannot allocate memory)}.
 *
 * <p>Stateless apart from a little memory per thread; safe for use by any thread.
 */
public final class Sys {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_SEAL_SEAL = 1;
    private static final int F_SEAL_SHRINK = 2;
    private static final int F_SEAL_GROW = 4;
    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_CLOEXEC = 02000000;
    // With O_DIRECTORY in it, whose number is not the same everywhere.
    private static final int O_TMPFILE =
            020000000 | (System.getProperty("os.arch").equals("aarch64") ? 040000 : 0200000);
    private static final int FALLOC_KEEP_SIZE = 1;
    private static final int FALLOC_PUNCH_HOLE = 2;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int CLOCK_BOOTTIME = 7;
    private static final int SYNC_FILE_RANGE_WRITE_AND_WAIT = 7;
    private static final int RWF_NOWAIT = 8;
    private static final long TMPFS_MAGIC = 0x01021994L;
    // The same numbers on x86-64 and arm64; older C libraries have no functions for them.
    private static final long SYS_PIDFD_SEND_SIGNAL = 424;
    private static final long SYS_PIDFD_OPEN = 434;
    private static final int SIGKILL = 9;
    private static final short POLLIN = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int PROT_READ = 1;
    private static final int MAP_SHARED = 1;
    private static final int PROC_BYTES = 32 * 1024;

    private static final LibC C = LibC.load();
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** How the files of {@link #unnamedFile} are called for a moment where the file system wants a name. */
    public static final String UNNAMED_PREFIX = "pagewire-spill-";

    /** Result of {@link #readNoWait}: the bytes are not in memory, read them on a thread that may block. */
    public static final int WOULD_BLOCK = -1;

    /** Result of {@link #readNoWait}: this kernel does not say for this file whether its bytes are in memory, and never will. */
    public static final int CANNOT_TELL = -2;

    /** A few bytes of native memory for arguments by reference. Used by one thread. */
    private static final class Scratch {
        final Pointer memory = Memory.allocateDirect(Runtime.getSystemRuntime(), 256);
        final long address = memory.address();
    }

    private Sys() {}

    /**
     * Makes a file in memory of a size that nobody can change. Its mode is 0400 from the start: a memfd is born with mode
     * 0777 and could otherwise be reopened for writing by whoever is handed a read-only descriptor (ARCHITECTURE: Memory).
     *
     * @param name shown in {@code /proc/PID/maps}; at most 249 bytes
     * @param size bytes
     * @return a descriptor for reading and writing, close-on-exec
     */
    public static int memfd(String name, long size) throws IOException {
        String what = "memfd_create \"" + name + "\" of " + size + " bytes";
        int fd = check(C.memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING), what);
        try {
            check(C.fchmod(fd, 0400), what + ", fchmod");
            check(C.ftruncate(fd, size), what + ", ftruncate");
            // Two calls: the seal against further seals must come last, or a failure between them could not be told.
            check(C.fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), what + ", sealing its size");
            check(C.fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), what + ", sealing its seals");
            return fd;
        } catch (IOException e) {
            C.close(fd);
            throw e;
        }
    }

    /** Opens an existing file, for reading or for reading and writing, close-on-exec. */
    public static int openFile(String path, boolean write) throws IOException {
        return check(C.open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC, 0), "open " + path);
    }

    /**
     * Null when this process may open the existing file for writing; else why not, in one clause. Nothing of the file changes.
     *
     * @throws IOException it cannot be opened for another reason
     */
    public static String whyNotWritable(String path) throws IOException {
        int fd = C.open(path, O_RDWR | O_CLOEXEC, 0);
        if (fd >= 0) {
            C.close(fd);
            return null;
        }
        int errno = LibC.errno();
        String why = switch (errno) {
            case Errno.ETXTBSY -> "a program runs from it";
            case Errno.EROFS -> "its file system is mounted read-only";
            case Errno.EPERM -> "it is marked append-only or immutable (lsattr shows it)";
            case Errno.EACCES -> "its permissions do not allow that to the user of this dsmd";
            default -> throw failure("open " + path);
        };
        return why + ": " + Errno.text(C, errno);
    }

    /**
     * A new file in the directory that has no name, for reading and writing by this process alone; it is gone when its last
     * descriptor is closed, however that happens. Mode 0600, close-on-exec.
     */
    public static int unnamedFile(Path directory) throws IOException {
        int fd = C.open(directory.toString(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (fd >= 0) {
            return fd;
        }
        int errno = LibC.errno();
        if (errno != Errno.EOPNOTSUPP && errno != Errno.EISDIR) {
            throw failure("making a file in " + directory);
        }
        // A file system without O_TMPFILE: the name is there for a moment, and stays when we are killed in it.
        Path named = directory.resolve(UNNAMED_PREFIX + Long.toHexString(new SecureRandom().nextLong()));
        fd = check(C.open(named.toString(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600), "making " + named);
        try {
            Files.deleteIfExists(named);
            return fd;
        } catch (IOException e) {
            C.close(fd);
            throw e;
        }
    }

    /** A second descriptor of the same file, for reading only, close-on-exec. */
    public static int reopenReadOnly(int fd) throws IOException {
        return check(C.open(path(fd), O_RDONLY | O_CLOEXEC, 0), "open " + path(fd) + " for reading");
    }

    /**
     * A channel of its own on the file behind the descriptor; closing it leaves the descriptor open. Works for a memfd
     * without write permission in its mode, too, when the process owns it.
     */
    public static FileChannel channel(int fd, boolean write) throws IOException {
        Path path = Path.of(path(fd));
        if (!write) {
            return FileChannel.open(path, StandardOpenOption.READ);
        }
        try {
            return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (AccessDeniedException e) {
            // Mode 0400 binds its owner unless that is root. 0600 for a moment lets in the owner alone, who could do
            // the
            // same at any time; other users stay out.
            check(C.fchmod(fd, 0600), "fchmod 0600 of " + path);
            try {
                return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            } finally {
                check(C.fchmod(fd, 0400), "fchmod 0400 of " + path);
            }
        }
    }

    /** Gives the memory or disk blocks of the range back; it reads as zeros afterwards. One page at a time. */
    public static void punch(int fd, long offset, long length) throws IOException {
        int result;
        do {
            result = C.fallocate(fd, FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE, offset, length);
        } while (result < 0 && LibC.errno() == Errno.EINTR);
        if (result < 0) {
            throw failure("fallocate: punching " + length + " bytes at " + offset + " out of descriptor " + fd);
        }
    }

    /** Where the next bytes that take memory or disk begin, at {@code offset} or behind it; -1 = there are none. */
    public static long nextData(int fd, long offset) throws IOException {
        long found = C.lseek(fd, offset, SEEK_DATA);
        if (found < 0 && LibC.errno() == Errno.ENXIO) {
            return -1;
        }
        return checkOffset(found, fd, offset);
    }

    /** Where the next hole begins, at {@code offset} or behind it; the end of the file counts as one. */
    public static long nextHole(int fd, long offset) throws IOException {
        return checkOffset(C.lseek(fd, offset, SEEK_HOLE), fd, offset);
    }

    private static long checkOffset(long found, int fd, long offset) throws IOException {
        if (found < 0) {
            throw failure("lseek in descriptor " + fd + " from " + offset);
        }
        return found;
    }

    /**
     * Has the file system give blocks to that part of a file, so that writing there cannot fail for want of space; the file's
     * length stays. False where it cannot do so in advance, or the call is not allowed here.
     */
    public static boolean reserve(int fd, long offset, long length) throws IOException {
        int result;
        do {
            result = C.fallocate(fd, FALLOC_KEEP_SIZE, offset, length);
        } while (result < 0 && LibC.errno() == Errno.EINTR);
        int errno = result < 0 ? LibC.errno() : 0;
        if (errno != 0 && !isMissing(errno)) {
            throw failure("fallocate of " + length + " bytes at " + offset + " of descriptor " + fd);
        }
        return errno == 0;
    }

    /** Has the kernel make memory for that part of a memfd; false when it cannot. No allocation. */
    public static boolean allocate(int fd, long offset, long length) {
        return C.fallocate(fd, 0, offset, length) == 0;
    }

    /** Maps the beginning of a file for reading and writing, shared with everybody who maps it; returns the address. */
    static long map(int fd, long length) throws IOException {
        long address = C.mmap(null, length, PROT_READ_WRITE, MAP_SHARED, fd, 0);
        if (address == -1) {
            throw failure("mmap of " + length + " bytes of descriptor " + fd);
        }
        return address;
    }

    static void unmap(long address, long length) throws IOException {
        check(C.munmap(address, length), "munmap of " + length + " bytes");
    }

    /** Takes the lock of a file or directory; false when another process has it. True also where the file system has no locks. */
    static boolean lockFile(int fd) throws IOException {
        while (C.flock(fd, LOCK_EX | LOCK_NB) < 0) {
            int errno = LibC.errno();
            if (errno == Errno.EAGAIN) {
                return false;
            }
            if (isMissing(errno) || errno == Errno.ENOLCK || errno == Errno.EINVAL) {
                return true;
            }
            if (errno != Errno.EINTR) {
                throw failure("flock of descriptor " + fd);
            }
        }
        return true;
    }

    /** Closes the descriptor. It is closed even when an error is reported. */
    public static void close(int fd) throws IOException {
        if (C.close(fd) < 0 && LibC.errno() != Errno.EINTR) {
            throw failure("close of descriptor " + fd);
        }
    }

    /** Writes these bytes of a file to its disk and waits for it; false when the file system cannot do that. Blocks. */
    public static boolean writeBack(int fd, long offset, long length) {
        return C.sync_file_range(fd, offset, length, SYNC_FILE_RANGE_WRITE_AND_WAIT) == 0;
    }

    /** CLOCK_BOOTTIME in ns: like {@link System#nanoTime()}, but goes on while the machine sleeps. No allocation. */
    public static long bootTimeNs() {
        Scratch scratch = SCRATCH.get();
        if (C.clock_gettime(CLOCK_BOOTTIME, scratch.address) < 0) {
            throw new IllegalStateException("clock_gettime(CLOCK_BOOTTIME): " + Errno.text(C, LibC.errno()));
        }
        return scratch.memory.getLong(0) * 1_000_000_000L + scratch.memory.getLong(8);
    }

    /** A descriptor that stands for the process, whatever becomes of its pid. ESRCH: no such process. */
    public static int pidfdOpen(int pid) throws IOException {
        return check((int) C.syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0), "pidfd_open of process " + pid);
    }

    /** Kills the process (SIGKILL); one that has ended already is fine. */
    public static void pidfdKill(int pidfd) throws IOException {
        pidfdSignal(pidfd, SIGKILL);
    }

    /** 0 = no signal is sent, only asked whether one could be. */
    static void pidfdSignal(int pidfd, int signal) throws IOException {
        if (C.syscall(SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0) < 0 && LibC.errno() != Errno.ESRCH) {
            throw failure("pidfd_send_signal of signal " + signal + " to descriptor " + pidfd);
        }
    }

    /**
     * Waits for the end of the process.
     *
     * @param timeoutMs at most that long; 0 only looks
     * @return true when the process has ended (none of its threads will run again)
     */
    public static boolean pidfdWait(int pidfd, long timeoutMs) throws IOException {
        Scratch scratch = SCRATCH.get();
        long end = System.nanoTime() + timeoutMs * 1_000_000L;
        while (true) {
            scratch.memory.putInt(0, pidfd);
            scratch.memory.putShort(4, POLLIN);
            scratch.memory.putShort(6, (short) 0);
            long leftMs = Math.max(0, (end - System.nanoTime() + 999_999L) / 1_000_000L);
            int ready = C.poll(scratch.address, 1, (int) Math.min(leftMs, Integer.MAX_VALUE));
            if (ready < 0 && LibC.errno() != Errno.EINTR) {
                throw failure("poll of pid descriptor " + pidfd);
            }
            if (ready > 0) {
                short events = scratch.memory.getShort(6);
                if ((events & POLLIN) == 0) {
                    throw new IOException(
                            "poll of descriptor " + pidfd + ": not a pid descriptor (events " + events + ")");
                }
                return true;
            }
            if (System.nanoTime() - end >= 0) {
                return false;
            }
        }
    }

    /**
     * Reads only what is in memory. Many file systems cannot promise that (overlayfs, FUSE, squashfs), nor can a container that
     * forbids the call; for one that lives in memory altogether (tmpfs, memfd) it need not be promised. No allocation.
     *
     * @param direct filled from its position, which moves; at least one byte remaining
     * @return bytes read (can be less than asked for), 0 = end of file, or on some kernels not in memory; {@link #WOULD_BLOCK} or
     *     {@link #CANNOT_TELL}
     */
    public static int readNoWait(int fd, ByteBuffer direct, long offset) throws IOException {
        long address = addressOf(direct);
        Scratch scratch = SCRATCH.get();
        int wanted = direct.remaining();
        while (true) {
            scratch.memory.putLong(0, address);
            scratch.memory.putLong(8, wanted);
            long count = C.preadv2(fd, scratch.address, 1, offset, RWF_NOWAIT);
            if (count >= 0) {
                direct.position(direct.position() + (int) count);
                return (int) count;
            }
            int errno = LibC.errno();
            if (errno == Errno.EAGAIN) {
                return WOULD_BLOCK;
            }
            if (isMissing(errno) || errno == Errno.EINVAL) {
                return inMemory(fd) ? read(fd, direct, offset) : CANNOT_TELL;
            }
            if (errno != Errno.EINTR) {
                throw failure("reading " + wanted + " bytes at " + offset + " from descriptor " + fd);
            }
        }
    }

    /**
     * Reads, from the disk if need be: may block. No allocation.
     *
     * @param direct filled from its position, which moves; at least one byte remaining
     * @return bytes read (can be less than asked for); 0 = end of file
     */
    public static int read(int fd, ByteBuffer direct, long offset) throws IOException {
        long address = addressOf(direct);
        int wanted = direct.remaining();
        long count;
        do {
            count = C.pread(fd, address, wanted, offset);
        } while (count < 0 && LibC.errno() == Errno.EINTR);
        if (count < 0) {
            throw failure("reading " + wanted + " bytes at " + offset + " from descriptor " + fd);
        }
        direct.position(direct.position() + (int) count);
        return (int) count;
    }

    /** Whether a call failed because the kernel or the file system does not have it, or because a filter of calls forbids it. */
    private static boolean isMissing(int errno) {
        return errno == Errno.EOPNOTSUPP || errno == Errno.ENOSYS || errno == Errno.EPERM;
    }

    /**
     * The text of a file in {@code /proc} that speaks of a process or of one of its threads, in ISO 8859-1; empty when that has
     * ended. A file that we may not read is an {@link IOException}, as any other error.
     */
    public static String readProc(String path) throws IOException {
        int fd = C.open(path, O_RDONLY | O_CLOEXEC, 0);
        if (fd < 0) {
            return endedOr("open " + path);
        }
        try {
            Pointer buffer = Memory.allocateDirect(Runtime.getSystemRuntime(), PROC_BYTES);
            byte[] part = new byte[PROC_BYTES];
            StringBuilder text = new StringBuilder();
            while (true) {
                long count = C.pread(fd, buffer.address(), PROC_BYTES, text.length());
                if (count == 0) {
                    return text.toString();
                } else if (count > 0) {
                    buffer.get(0, part, 0, (int) count);
                    text.append(new String(part, 0, (int) count, StandardCharsets.ISO_8859_1));
                } else if (LibC.errno() != Errno.EINTR) {
                    return endedOr("reading " + path);
                }
            }
        } finally {
            C.close(fd);
        }
    }

    private static String endedOr(String what) throws IOException {
        if (LibC.errno() == Errno.ENOENT || LibC.errno() == Errno.ESRCH) {
            return "";
        }
        throw failure(what);
    }

    /** Maps the beginning of a file that nobody may write through the mapping; returns the address. */
    static long mapToRead(int fd, long length) throws IOException {
        long address = C.mmap(null, length, PROT_READ, MAP_SHARED, fd, 0);
        if (address == -1) {
            throw failure("mmap of " + length + " bytes of descriptor " + fd);
        }
        return address;
    }

    /** Null when the bytes are locked in memory, else why they are not. */
    static String lock(long address, long bytes) {
        return C.mlock(address, bytes) == 0 ? null : "mlock of " + bytes + " bytes: " + Errno.text(C, LibC.errno());
    }

    /** Effective user id of this process. */
    public static int userId() {
        return C.geteuid();
    }

    private static boolean inMemory(int fd) throws IOException {
        Scratch scratch = SCRATCH.get();
        if (C.fstatfs(fd, scratch.address) < 0) {
            throw failure("fstatfs of descriptor " + fd);
        }
        return scratch.memory.getLong(0) == TMPFS_MAGIC;
    }

    private static long addressOf(ByteBuffer direct) {
        if (!direct.isDirect() || direct.isReadOnly() || !direct.hasRemaining()) {
            throw new IllegalArgumentException("needs a writable direct buffer with at least one byte remaining");
        }
        return MemoryIO.getInstance().getDirectBufferAddress(direct) + direct.position();
    }

    private static String path(int fd) {
        return "/proc/self/fd/" + fd;
    }

    private static int check(int result, String what) throws IOException {
        if (result < 0) {
            throw failure(what);
        }
        return result;
    }

    static IOException failure(String what) {
        return new IOException(what + ": " + Errno.text(C, LibC.errno()));
    }
}
