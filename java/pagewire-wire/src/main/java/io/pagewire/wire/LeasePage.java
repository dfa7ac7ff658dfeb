package io.pagewire.wire;

/**
 * One page of memory that a daemon shares read-only with the applications that map a region. The agent of each application
 * takes all rights away by its own timer when the lease ends, so that a stopped or collecting daemon cannot stretch it
 * (DESIGN: rules 7 and 17).
 *
 * <pre>
 *   0  u32  magic "PWLS" (0x534C5750)
 *   4  u32  version 1
 *   8  u64  session of the daemon
 *  16  u64  end of the lease, ns of CLOCK_BOOTTIME; 0 = no rights now, all ones = no end
 *  24  u64  counts up while a page so large that it comes in parts is on its way: a fault that waits is not late meanwhile
 * </pre>
 *
 * The end is written as one aligned 64-bit store and read likewise.
 *
 * <p>Constants only; safe for use by any thread.
 */
public final class LeasePage {
    public static final int MAGIC = 0;
    public static final int VERSION = 4;
    public static final int SESSION = 8;
    public static final int END_NS = 16;
    public static final int MOVED = 24;
    public static final int LENGTH = 4096;

    public static final int MAGIC_VALUE = 0x534C5750;
    public static final int VERSION_VALUE = 1;
    public static final long NO_END = -1L;

    private LeasePage() {}
}
