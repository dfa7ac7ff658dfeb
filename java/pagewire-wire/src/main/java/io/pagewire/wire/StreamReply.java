package io.pagewire.wire;

/**
 * Payload of the answer to {@link LocalLayout#PUBLISH_FRAMES} and {@link LocalLayout#SUBSCRIBE_FRAMES} (SPEC: V12).
 *
 * <pre>
 *   0  u64  token        names this end of the stream in HELLO_STREAM; not guessable
 *   8  u64  stream id    a region id of the directory
 *  16  u64  base         address of the window, the same for every process on every host
 *  24  u64  span         bytes of the window: the frame size in whole pages of 4096
 *  32  u64  frame size   bytes a frame may have
 *  40  u64  session      of the daemon
 *  48  u64  stride       bytes from one slot to the next in the memory of the frames; slot 0 is at its beginning
 *  56  u32  frames       this side has
 *  60  u32  slots        slot numbers are below that
 *  64  u32  drop         ms a lossless consumer may hold the producer up
 *  68  u32  flags        1 = the producer is on this host; 2 = latest
 * </pre>
 *
 * <p>Constants only; safe for use by any thread.
 */
public final class StreamReply {
    public static final int TOKEN = 0;
    public static final int STREAM_ID = 8;
    public static final int BASE = 16;
    public static final int SPAN = 24;
    public static final int FRAME_SIZE = 32;
    public static final int SESSION = 40;
    public static final int STRIDE = 48;
    public static final int FRAMES = 56;
    public static final int SLOTS = 60;
    public static final int DROP_MS = 64;
    public static final int FLAGS = 68;
    public static final int LENGTH = 72;

    public static final int FLAG_HOME = 1;
    public static final int FLAG_LATEST = 2;

    private StreamReply() {}
}
