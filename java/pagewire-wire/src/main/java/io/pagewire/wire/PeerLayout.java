package io.pagewire.wire;

/**
 * Messages between two daemons on a virtual circuit, little-endian. A circuit belongs to one region and one pair of hosts;
 * the client (the host that maps the region) opens it, the home (the host that owns it) accepts or refuses (SPEC: V1, V2).
 *
 * <pre>
 *   0        2        3        4                 8                 12                16
 *  +--------+--------+--------+-----------------+-----------------+-----------------+
 *  | magic  | version| type   | payload length  | CRC32C          | incarnation     |
 *  +--------+--------+--------+-----------------+-----------------+-----------------+ 16
 *  | epoch of the owner's claim                 | circuit id      | sequence        |
 *  +--------------------------------------------+-----------------+-----------------+ 32
 * </pre>
 *
 * The incarnation counts up over all circuits that one session of a daemon calls for. Home refuses a SETUP whose incarnation is
 * not newer than that of the circuit it has with the same session: the network may hold a call back until a later one is up.
 *
 * CRC32C covers the header with the CRC field zero, then the payload. The sequence counts messages of one direction from 0;
 * a gap closes the circuit (V6). The payload's length is checked against {@link #MAX_PAYLOAD} before anything of it is read.
 *
 * <pre>
 *  type       from    payload
 *  SETUP      client  {@link Setup}
 *  ACCEPT     home    u64 grantable span in bytes | u32 page size | u32 D_home in ms
 *  REFUSE     home    u32 FaultCause | u16 length | reason, UTF-8
 *  HEARTBEAT  client  u64 send time (client's clock, ns)
 *  ECHO       home    u64 send time of the heartbeat it answers
 *  FETCH      client  u32 request | u32 page count | u64 first page                             V5: owner to client
 *  PAGES      home    u32 request | u32 page count | u64 first page | u32 grant number | u32 flags | page bytes
 *  DECLINE    home    u32 request | u32 page count | u64 first page | u32 FaultCause (0 = ask again) | u32 0
 *  PURGE      home    u64 first page | u32 page count | u32 operation
 *  PURGED     client  u64 first page | u32 page count | u32 operation
 *  RELEASE    client  u64 first page | u32 page count | u32 grant number
 *  BYE        both    u32 FaultCause | u16 length | reason, UTF-8; the sender closes afterwards, and may hold copies still
 *  AHEAD      client  like FETCH, but nobody waits for any of the pages
 *  LEFT       client  like BYE, but no program of the host has a right or will get one: home need not wait for the lease
 *
 *  MARK       both    u64 number, counting up from 0: bulk before it is to be taken for arrived when it comes back
 *  MARKED     both    u64 number of the mark
 *  FRAGMENT   both    u32 type | u32 length of the whole payload | u32 offset | u32 0 | bytes of the payload of one message, of PAGES,
 *                     RECALLED, WRITEBACK, HANDBACK or PUBLISH. Its fragments come in order; only HEARTBEAT, ECHO and MARKED
 *                     come in between
 *
 *  Remote writers (regions that any host may write):
 *  WANT       client  u32 request | u32 page count | u64 first page | u32 grant number of the copy held (0 = none) | u32 0
 *  UPGRADED   home    u32 request | u32 1          | u64 page       | u32 grant number | u32 0: the copy there may be written
 *  RECALL     home    u64 page | u32 1 | u32 operation | u32 right that may be left (0 none, 1 read) | u32 0
 *  RECALLED   client  {@link Bytes}, tag = operation; without bytes when the host had nothing to give
 *  WRITEBACK  client  {@link Bytes}, tag = 0: written bytes come home by the client's own wish
 *  WB_ACK     home    u64 first page | u32 page count | u32 grant number | u32 FaultCause (0 = stored) | u32 0
 *  HANDBACK   client  {@link Bytes}, tag = 0: between SETUP with {@link Setup#HANDS_BACK} and HANDED
 *  HANDED     client  u64 send time: all is handed back; ACCEPT or REFUSE answers it, and ACCEPT echoes it
 *  FORCE      client  u32 request | u32 0: what was written back before must reach the disk
 *  FORCED     home    u32 request | u32 FaultCause (0 = it has)
 *  FORCING    home    u32 request | u32 0: some more of it has; sent now and then until FORCED
 *  LOST       home    u64 first page | u32 page count | u16 length | holder's host name, UTF-8: the pages went back to what
 *                     home had, because their holder is gone
 *
 *  Preloaded regions (sharing types 3 and 4):
 *  REFRESH    client  u32 request | u32 0 | u64 version held (0 = nothing yet)
 *                     | u64 resumed page | u64 version of the pages before it
 *  REFRESHING home    u32 request | u32 FaultCause (0 = it begins; else a page is left out here) | u64 version of the pages
 *                     that follow
 *  REFRESHED  home    u32 request | u32 FaultCause (0 = all sent) | u64 version held from now on
 *  PUBLISH    client  u32 request | u32 1 = more of this page follows, else 0 | u64 page
 *                     | parts of {u32 offset in the page | u32 length | bytes}
 *  PUBLISHED  home    u32 request | u32 FaultCause (0 = done) | u64 page
 *
 *  Frame streams (V12):
 *  FRAME      home    u64 number | u64 time, ns | u32 length used | u32 0; then, outside of any message, the bytes of the frame
 *  CREDIT     client  u64 number of the last frame that has come whole | u64 frames that may be sent on this circuit in all
 *  STALLED    home    u64 number of the last frame sent: the producer waits for this client
 *  ENDED      home    u64 number of the last frame | u32 FaultCause (0 = end of stream) | u16 length | reason, UTF-8
 * </pre>
 *
 * A message of the client about a run of pages names at most {@link #WINDOW_BYTES} of them. A FETCH asks for a run of which the first is wanted and the rest is read-ahead. Home answers every page of it
 * exactly once, in order, by one or more PAGES and at most one DECLINE for what is left; the DECLINE with cause 0 names pages
 * that were busy or belong to a local writer: the client asks again if somebody needs one. An AHEAD is answered likewise, and
 * takes not even its first page from a writer.
 *
 * <p>A WANT asks to write its first page, and the pages behind it as far as nobody else uses them; it is answered like a FETCH,
 * by PAGES with {@link #PAGES_EXCLUSIVE} or, when the client holds a current copy of a single page, by UPGRADED. Every RECALL
 * is answered by exactly one RECALLED. Every message with bytes is answered by one WB_ACK; until then the client keeps them.
 *
 * <p>The circuit of a preloaded region holds no copies that home would purge. A REFRESH is answered by REFRESHING, by PAGES of what has
 * changed since that version, in page order, with the REFRESH's request number and without {@link #PAGES_LAST}, then by REFRESHED.
 * One that goes on where an earlier circuit of the same epoch broke off names the page at which that was, and the version that
 * REFRESHING said there: of the pages before it only those are sent that have changed since.
 * Home applies a PUBLISH as one store: no reader sees a part of it; several are applied in the order in which they came. The
 * parts of one page that do not fit into one message come in several with the same request number, which are one PUBLISH and
 * have one answer. At most {@link #MOST_PUBLISHES}, and {@link #MOST_PUBLISH_BYTES} of payload, may be unanswered.
 *
 * <p>The circuit of a frame stream goes from a client with consumers to the host of the producer, one for its lossless and one for
 * its latest consumers. The bytes behind FRAME are sent from the frame by the kernel and have no checksum of ours. Home keeps a
 * frame until CREDIT says that it has come whole; when the circuit breaks before, the client calls again and says in SETUP what
 * it has, and home sends what follows. Both numbers of CREDIT only grow, so a late one does no harm. ENDED is the last message of
 * a stream; the client hangs up.
 *
 * <p>Numbers 68 and up are kept for messages of dual hosts.
 *
 * <p>Constants only; safe for use by any thread.
 */
public final class PeerLayout {
    public static final int MAGIC_VALUE = 0x5750; // "PW"
    public static final int PROTOCOL_VERSION = 2;

    public static final int HEADER_LENGTH = 32;
    public static final int MAGIC = 0;
    public static final int VERSION = 2;
    public static final int TYPE = 3;
    public static final int LENGTH = 4;
    public static final int CRC = 8;
    public static final int INCARNATION = 12;
    public static final int EPOCH = 16;
    public static final int CIRCUIT = 24;
    public static final int SEQUENCE = 28;

    /** Longest payload, in bytes: one page of the largest size and its prefix. */
    public static final int MAX_PAYLOAD = (2 << 20) + 4096;

    /**
     * A message names a run of no more pages than fit into so many bytes, and at least one page. A longer one breaks the protocol:
     * nobody may have the other side work for longer than that at once.
     */
    public static final int WINDOW_BYTES = 1 << 20;

    public static final int SETUP = 1;
    public static final int ACCEPT = 2;
    public static final int REFUSE = 3;
    public static final int HEARTBEAT = 4;
    public static final int ECHO = 5;
    public static final int FETCH = 6;
    public static final int PAGES = 7;
    public static final int DECLINE = 8;
    public static final int PURGE = 9;
    public static final int PURGED = 10;
    public static final int RELEASE = 11;
    public static final int BYE = 12;
    public static final int AHEAD = 13;
    public static final int LEFT = 14;

    public static final int WANT = 32;
    public static final int UPGRADED = 33;
    public static final int RECALL = 34;
    public static final int RECALLED = 35;
    public static final int WRITEBACK = 36;
    public static final int WB_ACK = 37;
    public static final int HANDBACK = 38;
    public static final int HANDED = 39;
    public static final int FORCE = 40;
    public static final int FORCED = 41;
    public static final int LOST = 42;
    public static final int REFRESH = 43;
    public static final int REFRESHED = 44;
    public static final int PUBLISH = 45;
    public static final int PUBLISHED = 46;
    public static final int REFRESHING = 47;
    public static final int MARK = 48;
    public static final int MARKED = 49;
    public static final int FORCING = 50;
    public static final int FRAGMENT = 51;

    public static final int FRAME = 64;
    public static final int CREDIT = 65;
    public static final int STALLED = 66;
    public static final int ENDED = 67;

    /** Offsets in the payloads of FRAME, CREDIT, STALLED and ENDED. */
    public static final int FRAME_NUMBER = 0;

    public static final int FRAME_TIME = 8;
    public static final int FRAME_USED = 16;
    public static final int FRAME_LENGTH = 24;
    public static final int CREDIT_TOTAL = 8;
    public static final int CREDIT_LENGTH = 16;
    public static final int STALLED_LENGTH = 8;
    public static final int ENDED_CAUSE = 8;
    public static final int ENDED_TEXT_LENGTH = 12;
    public static final int ENDED_TEXT = 14;

    /** PUBLISH messages a client may have on their way. */
    public static final int MOST_PUBLISHES = 64;

    /** Bytes of payload of PUBLISH messages a client may have on their way; more than any change of one page has. */
    public static final int MOST_PUBLISH_BYTES = 16 << 20;

    /** Offsets in the payloads of WANT and UPGRADED, beside those of a run. */
    public static final int WANT_GRANT = 16;

    public static final int WANT_LENGTH = 24;

    /** Offsets in the payloads of RECALL and WB_ACK, beside those of a range. */
    public static final int RECALL_LEFT = 16;

    public static final int ACK_CAUSE = 16;
    public static final int MARKED_RANGE_LENGTH = 24;

    /** Offsets in the payloads of FORCE, FORCED, FORCING, REFRESH, REFRESHING, REFRESHED, PUBLISH and PUBLISHED. */
    public static final int SYNC_REQUEST = 0;

    public static final int SYNC_CAUSE = 4;
    public static final int FORCE_LENGTH = 8;
    public static final int SYNC_VERSION = 8;
    public static final int SYNC_PAGE = 8;
    public static final int SYNC_MORE = 4;
    public static final int PUBLISH_MORE = 1;
    public static final int SYNC_LENGTH = 16;
    public static final int REFRESH_RESUMED = 16;
    public static final int REFRESH_BEFORE = 24;
    public static final int REFRESH_LENGTH = 32;
    public static final int PART_OFFSET = 0;
    public static final int PART_LENGTH = 4;
    public static final int PART_BYTES = 8;

    /** Offsets in the payload of FRAGMENT, and the most bytes of a message that one has. */
    public static final int FRAGMENT_TYPE = 0;

    public static final int FRAGMENT_TOTAL = 4;
    public static final int FRAGMENT_AT = 8;
    public static final int FRAGMENT_DATA = 16;
    public static final int FRAGMENT_BYTES = 32 << 10;

    /** Offsets in the payload of LOST, beside those of a range. */
    public static final int LOST_HOST_LENGTH = 12;

    public static final int LOST_HOST = 14;

    /**
     * Payload of RECALLED, WRITEBACK and HANDBACK: bytes of pages that were written at the client and come home.
     *
     * <pre>
     *   0  u64  first page
     *   8  u32  page count
     *  12  u32  tag
     *  16  u32  grant number under which the client had these pages; 0 in a RECALLED without bytes
     *  20  u8   right the client still has: 0 none, 1 read
     *  21  u8   1 = bytes follow, 0 = none
     *  22  u16  0
     *  24  ...  page bytes
     * </pre>
     */
    public static final class Bytes {
        public static final int GRANT = 16;
        public static final int LEFT = 20;
        public static final int PRESENT = 21;
        public static final int DATA = 24;

        private Bytes() {}
    }

    /** Offsets in the payloads of FETCH, AHEAD, PAGES and DECLINE. */
    public static final int RUN_REQUEST = 0;

    public static final int RUN_COUNT = 4;
    public static final int RUN_FIRST = 8;
    public static final int RUN_LENGTH = 16;
    public static final int PAGES_GRANT = 16;
    public static final int PAGES_FLAGS = 20;
    public static final int PAGES_DATA = 24;
    public static final int DECLINE_CAUSE = 16;
    public static final int DECLINE_LENGTH = 24;

    /** Offsets in the payloads of PURGE, PURGED (operation) and RELEASE (grant number). */
    public static final int RANGE_FIRST = 0;

    public static final int RANGE_COUNT = 8;
    public static final int RANGE_TAG = 12;
    public static final int RANGE_LENGTH = 16;

    public static final int BEAT_TIME = 0;
    public static final int BEAT_LENGTH = 8;

    public static final int ACCEPT_SPAN = 0;
    public static final int ACCEPT_PAGE_SIZE = 8;
    public static final int ACCEPT_HOME_DEADLINE_MS = 12;
    public static final int ACCEPT_LENGTH = 16;

    public static final int REASON_CAUSE = 0;
    public static final int REASON_TEXT_LENGTH = 4;
    public static final int REASON_TEXT = 6;
    public static final int MAX_REASON = 1024;

    /** Flag of PAGES: no further message answers this request. */
    public static final int PAGES_LAST = 1;

    /** Flag of PAGES: the client may write these pages; nobody else has them. */
    public static final int PAGES_EXCLUSIVE = 2;

    /**
     * Payload of SETUP: the call carries its purpose (V2).
     *
     * <pre>
     *   0  u64  session of the client's daemon
     *   8  u64  region id
     *  16  u64  base address
     *  24  u64  span in bytes
     *  32  u32  page size
     *  36  u32  user id on the client host
     *  40  u64  directory incarnation
     *  48  u8   sharing type 1-4 (V8-V11), 5 = lossless frame stream, 6 = latest (V12)
     *  49  u8   highest right wanted (1 read, 2 write)
     *  50  u8   QoS class (0 = default)
     *  51  u8   flags: 1 = HANDBACK messages and HANDED follow before the call may be answered
     *  52  u32  client lease D_client in ms
     *  56  u16  length of the client's host name
     *  58  u16  length of the region's name
     *  60  u32  0
     *  64  u64  frame streams: number of the last frame that came whole on an earlier circuit, 0 = none; else 0
     *  72  ...  host name, region name (UTF-8)
     * </pre>
     */
    public static final class Setup {
        public static final int SESSION = 0;
        public static final int REGION_ID = 8;
        public static final int BASE = 16;
        public static final int SPAN = 24;
        public static final int PAGE_SIZE = 32;
        public static final int USER = 36;
        public static final int DIRECTORY = 40;
        public static final int SHARING_TYPE = 48;
        public static final int WANTED_RIGHT = 49;
        public static final int QOS = 50;
        public static final int FLAGS = 51;
        public static final int LEASE_MS = 52;
        public static final int HOST_LENGTH = 56;
        public static final int NAME_LENGTH = 58;
        public static final int RESUME = 64;
        public static final int NAMES = 72;

        /** Sharing types of frame streams. */
        public static final int LOSSLESS_STREAM = 5;

        public static final int LATEST_STREAM = 6;

        /** Flag: written bytes are handed back first. */
        public static final int HANDS_BACK = 1;

        private Setup() {}
    }

    private PeerLayout() {}
}
