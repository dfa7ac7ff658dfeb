package io.pagewire.daemon.stream;

import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.wire.StreamReply;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes the answer to a program that publishes or subscribes, in the layout of {@link StreamReply}.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class StreamReplies {
    private StreamReplies() {}

    /** @param flags {@link StreamReply#FLAG_HOME} and its like */
    static byte[] encode(
            RegionRecord record, long token, long session, long stride, int frames, int slots, int dropMs, int flags) {
        ByteBuffer reply = ByteBuffer.allocate(StreamReply.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        reply.putLong(StreamReply.TOKEN, token);
        reply.putLong(StreamReply.STREAM_ID, record.id());
        reply.putLong(StreamReply.BASE, record.base());
        reply.putLong(StreamReply.SPAN, record.span());
        reply.putLong(StreamReply.FRAME_SIZE, record.size());
        reply.putLong(StreamReply.SESSION, session);
        reply.putLong(StreamReply.STRIDE, stride);
        reply.putInt(StreamReply.FRAMES, frames);
        reply.putInt(StreamReply.SLOTS, slots);
        reply.putInt(StreamReply.DROP_MS, dropMs);
        reply.putInt(StreamReply.FLAGS, flags);
        return reply.array();
    }
}
