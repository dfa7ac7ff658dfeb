package io.pagewire.daemon.sys;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.SaveError;
import jnr.ffi.types.int64_t;
import jnr.ffi.types.intptr_t;
import jnr.ffi.types.mode_t;
import jnr.ffi.types.off_t;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * The functions of the C library that {@link Sys} uses, one to one. Addresses are plain numbers, so that a call neither
 * allocates nor copies. jnr-ffi writes the class behind this interface, which is why the interface is public; nobody but
 * {@link Sys} uses it.
 *
 * <p>Safe for use by any thread; errno is kept per thread.
 */
public interface LibC {
    @SaveError
    int memfd_create(CharSequence name, int flags);

    @SaveError
    int open(CharSequence path, int flags, @mode_t int mode);

    @SaveError
    int close(int fd);

    @SaveError
    int fchmod(int fd, @mode_t int mode);

    @SaveError
    int ftruncate(int fd, @off_t long length);

    @SaveError
    int fcntl(int fd, int command, @intptr_t long argument);

    @SaveError
    @off_t
    long lseek(int fd, @off_t long offset, int whence);

    @SaveError
    int fallocate(int fd, int mode, @off_t long offset, @off_t long length);

    @SaveError
    int flock(int fd, int operation);

    @SaveError
    int sync_file_range(int fd, @off_t long offset, @off_t long length, int flags);

    @SaveError
    int clock_gettime(int clock, @intptr_t long timespec);

    @SaveError
    int poll(@intptr_t long fds, @intptr_t long count, int timeoutMs);

    @SaveError
    int fstatfs(int fd, @intptr_t long buffer);

    @SaveError
    @ssize_t
    long preadv2(int fd, @intptr_t long iovec, int count, @off_t long offset, int flags);

    @SaveError
    @ssize_t
    long pread(int fd, @intptr_t long address, @size_t long length, @off_t long offset);

    @SaveError
    @ssize_t
    long pwrite(int fd, @intptr_t long address, @size_t long length, @off_t long offset);

    @SaveError
    @int64_t
    long syscall(@int64_t long number, @int64_t long a, @int64_t long b, @int64_t long c, @int64_t long d);

    /**
     * The address, or -1. The address wanted is an object on purpose: of six numbers jnr-ffi's shortest way to a function gives
     * the last one wrongly.
     */
    @SaveError
    @intptr_t
    long mmap(Pointer address, @size_t long length, int protection, int flags, int fd, @off_t long offset);

    @SaveError
    int munmap(@intptr_t long address, @size_t long length);

    @SaveError
    int mlock(@intptr_t long address, @size_t long length);

    int geteuid();

    String strerror(int errno);

    static LibC load() {
        return LibraryLoader.create(LibC.class).failImmediately().load("c");
    }

    /** errno of the calling thread's last call that failed. */
    static int errno() {
        return Holder.RUNTIME.getLastError();
    }

    /** The runtime, found once: the look-up is not free. */
    final class Holder {
        private static final Runtime RUNTIME = Runtime.getSystemRuntime();

        private Holder() {}
    }
}
