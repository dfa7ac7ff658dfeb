package io.pagewire.wire;

/**
 * Payload of the answer to {@link LocalLayout#MAP}.
 *
 * <pre>
 *   0  u64  token         names the mapping in HELLO_LINE, HELLO_AGENT, UNMAP; not guessable
 *   8  u64  region id
 *  16  u64  base          address of the first byte in every process on every host
 *  24  u64  span          bytes to map: a multiple of the page size
 *  32  u64  size          bytes of content: what create was given, or the exported file's length
 *  40  u64  session       of the daemon
 *  48  u64  epoch         of the owner's claim; 0 while no circuit is up
 *  56  u32  page size     bytes, a power of two, 4 KiB to 2 MiB
 *  60  u32  fault deadline, ms
 *  64  u32  revoke deadline, ms
 *  68  u32  flags         1 = this host is the region's home; 2 = frames are an exported file; 4 = preloaded: the initial
 *                        right holds for good; 8 = any host may write
 *  72  u8   initial right on every page, in force as soon as the mapping stands
 *  73  u8   highest right this mapping can ever get
 *  74  u16  most fault lines this mapping may open
 *  76  u32  shortest hold  us a thread keeps a page that it was given before the page is taken away again
 * </pre>
 *
 * <p>Constants only; safe for use by any thread.
 */
public final class MapReply {
    public static final int TOKEN = 0;
    public static final int REGION_ID = 8;
    public static final int BASE = 16;
    public static final int SPAN = 24;
    public static final int SIZE = 32;
    public static final int SESSION = 40;
    public static final int EPOCH = 48;
    public static final int PAGE_SIZE = 56;
    public static final int FAULT_DEADLINE_MS = 60;
    public static final int REVOKE_DEADLINE_MS = 64;
    public static final int FLAGS = 68;
    public static final int INITIAL_RIGHT = 72;
    public static final int HIGHEST_RIGHT = 73;
    public static final int MAX_LINES = 74;
    public static final int HOLD_US = 76;
    public static final int LENGTH = 80;

    public static final int FLAG_HOME = 1;
    public static final int FLAG_FILE = 2;
    public static final int FLAG_PRELOADED = 4;
    public static final int FLAG_ANY_WRITER = 8;

    private MapReply() {}
}
