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
 *      answer     dsmd  =    LocalStatus bytes not   0            0            error text
 *                                        home
 *  LEAVING        lib   any  0          token        from page    1 = with pages
 *      answer     dsmd  =    LocalStatus bytes left  bytes in all LEAVING_     runs of pages, 0x00, reason; or error text
 *  FORCE          lib   any  0          token        first page   page count (0 = to the end)
 *      answer     dsmd  =    LocalStatus 0           0            0            error text
 *  QUERY          lib   any  0          0            0            0            "status" | "regions [LIMIT [AFTER]]" |
 *                                                                              "region NAME" | "circuits" |
 *                                                                              "streams" | "pages NAME" |
 *                                                                              "why TOKEN CAUSE"
 *      answer     dsmd  =    LocalStatus 0           0            0            JSON, or error text
 *  PUBLISH        lib   any  0          token        0            0
 *  REFRESH        lib   any  0          token        0            0
 *      answer     dsmd  =    LocalStatus pages sent or taken over       0     error text
 *  PROGRESS       lib   any  0          token, or 0  0            0            0 bytes, or with token 0 a region's name
 *      answer     dsmd  =    LocalStatus bytes done  bytes in all PROGRESS_   error text, or a warning
 *  GOODBYE        dsmd  0    0          session      0            0            on every control connection, the last message
 *  HELLO_LINE     lib   any  0          token        0            0
 *      answer     dsmd  =    LocalStatus time nsp.   boot time    0
 *  FAULT          lib   any  wanted right  page      thread id    0
 *  GRANT          dsmd  =    right      first page   sequence     page count
 *  FAIL           dsmd  =    FaultCause page         0            0
 *  HELLO_AGENT    lib   any  0          token        0            0
 *      answer     dsmd  =    LocalStatus time nsp.   boot time    0
 *  REVOKE         dsmd  any  right left first page   sequence     page count (0 = the whole region)
 *                            | AT_LEISURE: nobody needs the pages now; a pin that is being made stands
 *  REVOKED        lib   =    0          0            sequence     0
 *  LOST           dsmd  0    0          first page   0            page count
 *
 *  Frame streams (SPEC: V12):
 *  PUBLISH_FRAMES   lib any  0          frame size   drop, ms     frames,      stream name
 *                                                                 STREAM_ flags
 *  SUBSCRIBE_FRAMES lib any  0          0            0            frames,      stream name
 *                                                                 STREAM_ flags
 *      answer     dsmd  =    LocalStatus 0           0            0            StreamReply, or error text; after a
 *                                                                              StreamReply one byte of zero follows that
 *                                                                              carries the descriptor of the frames
 *  HELLO_STREAM   lib   any  0          token        0            0
 *      answer     dsmd  =    LocalStatus 0           0            0
 *  EMPTY          dsmd  0    slot       0            0            0            to the producer: the slot may be filled
 *  FILLED         lib   0    slot       0            time, ns     length used
 *  WAITING        lib   0    0          0            0            0            the producer waits for an EMPTY
 *  DRAIN          lib   any  0          0            0            0            wait until every frame has been taken
 *  DRAINED        dsmd  =    0          0            0            0
 *  DRAINING       dsmd  =    0          0            0            0            frames, or bytes of one, have got on since
 *  FINISH         lib   0    0          0            0            0            end of stream: no frame comes any more
 *  FRAME          dsmd  0    slot       number       time, ns     length used  to a consumer
 *  NEXT           lib   0    0          0            0            0            done with the frame held; waits for the next
 *  RELEASE        lib   0    slot       0            0            0            the slot is not looked at any more
 *  CANCEL         lib   any  0          0            0            0            takes a NEXT back (latest only)
 *  CANCELLED      dsmd  =    0          0            0            0
 *  ENDED          dsmd  0    FaultCause last number  0            0            nothing more comes; 0 = end of stream
 * </pre>
 *
 * In the two requests for streams, the low byte of C is the number of frames (0 = the default), the next byte the flags. FILLED
 * is sent when no thread of the producer can store into the slot any more. A consumer that is not STREAM_LATEST is sent each
 * FRAME as soon as there is one; one that is gets one FRAME for each NEXT, the newest that there is. NEXT tells home that the
 * frame held is finished, though it stays in the window until the next one has come. The number of a stream's first frame is 1.
 *
 * The answers to HELLO_LINE and HELLO_AGENT say what the daemon's CLOCK_BOOTTIME shows (ns, never 0) and in which time namespace
 * (inode of {@code /proc/self/ns/time}, 0 = the kernel does not say): the lease page counts by that clock, and a program in
 * another namespace has another.
 *
 * UNMAP is answered at once, and the mapping is gone then. When it was the last of its region on this host, and pages that were
 * written here are not at home, their bytes follow; the library asks LEAVING again and again until the state is not
 * LEAVING_RUNNING. In every other state, and when it asks for them, the answer names the pages that are not at home: text of
 * {@code FIRST+COUNT} separated by blanks, at most {@link #MOST_RUNS} of those at or behind the page asked for.
 *
 * A request takes as long as the daemon's own deadlines allow, and FORCE, PUBLISH and REFRESH as long as bytes get on. Until then
 * the daemon sends, ten times a second, a message like the answer with the status RUNNING and nothing else in it; a daemon that
 * hangs sends none. So the library's deadline, which is about that silence, lies around those of the daemon whatever these are.
 *
 * GOODBYE says that the daemon of this session has stopped in order and that everything its programs had written is home. A
 * daemon of which that cannot be said closes its connections without it.
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
    public static final int LEAVING = 14;
    public static final int GOODBYE = 15;

    public static final int HELLO_LINE = 16;
    public static final int FAULT = 17;
    public static final int GRANT = 18;
    public static final int FAIL = 19;

    public static final int HELLO_AGENT = 24;
    public static final int REVOKE = 25;
    public static final int REVOKED = 26;

    /** Beside the right that a REVOKE leaves. */
    public static final int AT_LEISURE = 0x100;

    public static final int LOST = 27;

    public static final int PUBLISH_FRAMES = 12;
    public static final int SUBSCRIBE_FRAMES = 13;

    public static final int HELLO_STREAM = 32;
    public static final int EMPTY = 33;
    public static final int FILLED = 34;
    public static final int WAITING = 35;
    public static final int DRAIN = 36;
    public static final int DRAINED = 37;
    public static final int FINISH = 38;
    public static final int FRAME = 39;
    public static final int NEXT = 40;
    public static final int RELEASE = 41;
    public static final int CANCEL = 42;
    public static final int CANCELLED = 43;
    public static final int ENDED = 44;
    public static final int DRAINING = 45;

    /** Flag of PUBLISH_FRAMES: frames for which there is no consumer are let go instead of kept for the first. */
    public static final int STREAM_DISCARD = 1;

    /** Flag of SUBSCRIBE_FRAMES: skips to the newest whole frame. */
    public static final int STREAM_LATEST = 2;

    /** Frames a side has, at least and at most, and when it does not say. */
    public static final int LEAST_FRAMES = 2;

    public static final int MOST_FRAMES = 16;
    public static final int DEFAULT_FRAMES = 4;

    /** Largest frame, in bytes. */
    public static final int MOST_FRAME_SIZE = 1 << 30;

    /** Slots that a stream's memory has at most: frames, and those that stay with consumers that are not waited for. */
    public static final int MOST_SLOTS = 80;

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

    /**
     * States in the answer to LEAVING: on the way; all is home; nothing has moved for the stall limit, but it may yet; pages are
     * lost, or stay here for good; the region is in use here again, and they stay with it.
     */
    public static final int LEAVING_RUNNING = 0;

    public static final int LEAVING_HOME = 1;
    public static final int LEAVING_STALLED = 2;
    public static final int LEAVING_LOST = 3;
    public static final int LEAVING_KEPT = 4;

    /** Most runs of pages in an answer to LEAVING. */
    public static final int MOST_RUNS = 4096;

    public static final int RIGHT_NONE = 0;
    public static final int RIGHT_READ = 1;
    public static final int RIGHT_WRITE = 2;

    private LocalLayout() {}
}
