package io.pagewire.wire;

/**
 * Messages between {@code libpagewire} and the {@code dsmd} of the same host over a Unix stream socket, in the byte order of
 * the machine. Every message has one header of 32 bytes; messages on fault lines and agent sockets are never longer.
 *
 * <pre>
 *   0        1        2                 4                                   8
 *  +--------+--------+-----------------+-----------------------------------+
 *  | version| type   | status          | id                                |
 *  +--------+--------+-----------------+-----------------------------------+ 8
 *  | a                                                                     |
 *  +-----------------------------------------------------------------------+ 16
 *  | b                                                                     |
 *  +-----------------------------------+-----------------------------------+ 24
 *  | c                                 | length of the payload that follows|
 *  +-----------------------------------+-----------------------------------+ 32
 * </pre>
 *
 * An answer has the request's type and id. The first message on a socket says what the socket is: {@link #HELLO_CONTROL},
 * {@link #HELLO_LINE} or {@link #HELLO_AGENT}; the peer sends nothing more until it has read the answer.
 *
 * <pre>
 *  type           from  id   status     a            b            c            payload
 *  HELLO_CONTROL  lib   any  0          pid          0            0            program name (UTF-8, at most 255 bytes)
 *      answer     dsmd  =    LocalStatus session     0            fault deadl. ms   host name, or error text
 *  CREATE         lib   any  0          size         REGION_ flags page size    region name
 *  EXPORT         lib   any  0          0            REGION_ flags page size    region name, 0x00, absolute file path
 *  DELETE         lib   any  0          0            0            0            region name
 *      answer     dsmd  =    LocalStatus region id   0            0            error text
 *  MAP            lib   any  0          period, ms   0            MAP_ flags   region name
 *      answer     dsmd  =    LocalStatus 0           0            0            MapReply, or error text; after a
 *                                                                              MapReply two bytes of zero follow, each
 *                                                                              carrying one descriptor (SCM_RIGHTS):
 *                                                                              first the frames, then the lease page
 *  UNMAP          lib   any  0          token        0            0
 *      answer     dsmd  =    LocalStatus 0           0            0            error text
 *  FORCE          lib   any  0          token        first page   page count (0 = to the end)
 *      answer     dsmd  =    LocalStatus 0           0            0            error text
 *  QUERY          lib   any  0          0            0            0            "status" | "regions" | "circuits" |
 *                                                                              "pages NAME" | "why TOKEN CAUSE"
 *      answer     dsmd  =    LocalStatus 0           0            0            JSON, or error text
 *  PUBLISH        lib   any  0          token        0            0
 *  REFRESH        lib   any  0          token        0            0
 *      answer     dsmd  =    LocalStatus pages sent or taken over       0     error text
 *  PROGRESS       lib   any  0          token, or 0  0            0            0 bytes, or with token 0 a region's name
 *      answer     dsmd  =    LocalStatus bytes done  bytes in all PROGRESS_   error text, or a warning
 *  HELLO_LINE     lib   any  0          token        0            0
 *      answer     dsmd  =    LocalStatus 0           0            0
 *  FAULT          lib   any  wanted right  page      thread id    0
 *  GRANT          dsmd  =    right      first page   sequence     page count
 *  FAIL           dsmd  =    FaultCause page         0            0
 *  HELLO_AGENT    lib   any  0          token        0            0
 *      answer     dsmd  =    LocalStatus 0           0            0
 *  REVOKE         dsmd  any  right left first page   sequence     page count (0 = the whole region)
 *  REVOKED        lib   =    0          0            sequence     0
 *  LOST           dsmd  0    0          first page   0            page count
 * </pre>
 *
 * PROGRESS asks how far the filling of a preloaded mapping (token) or of a resident region of this host (name) has come; the
 * library asks again and again while {@code pw_map} or {@code pw_export} waits. LOST tells the agent that pages went back to an
 * older state, because the host that had written them is gone; nothing answers it. PUBLISH and REFRESH are for preloaded
 * mappings (SPEC: V10, V11); with period > 0 the daemon does both by itself, and a PUBLISH when the mapping ends.
 *
 * Rights are 0 (none), 1 (read), 2 (read and write). Sequence numbers count up within one daemon session and one mapping;
 * a GRANT older than the newest REVOKE of the same page must not be applied (DESIGN: rule 9). A line whose request
 * timed out is closed by the library and never used again (rule 12).
 *
 * <p>Constants only; safe for use by any thread.
 */
public final class LocalLayout {
    public static final int PROTOCOL_VERSION = 1;

    public static final int HEADER_LENGTH = 32;
    public static final int VERSION = 0;
    public static final int TYPE = 1;
    public static final int STATUS = 2;
    public static final int ID = 4;
    public static final int A = 8;
    public static final int B = 16;
    public static final int C = 24;
    public static final int LENGTH = 28;

    /** Longest payload either side accepts, in bytes. */
    public static final int MAX_PAYLOAD = 16 << 20;

    /** Longest payload of a request, in bytes. */
    public static final int MAX_REQUEST_PAYLOAD = 8192;

    /** Longest region name in bytes of UTF-8. */
    public static final int MAX_NAME = 255;

    public static final int HELLO_CONTROL = 1;
    public static final int CREATE = 2;
    public static final int EXPORT = 3;
    public static final int DELETE = 4;
    public static final int MAP = 5;
    public static final int UNMAP = 6;
    public static final int FORCE = 7;
    public static final int QUERY = 8;
    public static final int PUBLISH = 9;
    public static final int REFRESH = 10;
    public static final int PROGRESS = 11;

    public static final int HELLO_LINE = 16;
    public static final int FAULT = 17;
    public static final int GRANT = 18;
    public static final int FAIL = 19;

    public static final int HELLO_AGENT = 24;
    public static final int REVOKE = 25;
    public static final int REVOKED = 26;
    public static final int LOST = 27;

    /** Flag of MAP: set the circuit up before answering instead of at the first fault. */
    public static final int MAP_EAGER = 1;

    /** Flag of MAP: this mapping will only read. */
    public static final int MAP_READ_ONLY = 2;

    /** Flag of MAP: all frames are filled before the mapping is used, and no access faults (sharing types 3 and 4). */
    public static final int MAP_PRELOADED = 4;

    /** Flags of CREATE and EXPORT: any host may write; the file is read and locked in memory in advance (EXPORT only). */
    public static final int REGION_ANY_WRITER = 1;

    public static final int REGION_RESIDENT = 2;

    /** States in the answer to PROGRESS. */
    public static final int PROGRESS_RUNNING = 0;

    public static final int PROGRESS_DONE = 1;
    public static final int PROGRESS_FAILED = 2;

    public static final int RIGHT_NONE = 0;
    public static final int RIGHT_READ = 1;
    public static final int RIGHT_WRITE = 2;

    private LocalLayout() {}
}
