package io.pagewire.daemon.region;

import io.pagewire.core.Right;
import io.pagewire.daemon.config.Deadlines;
import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.wire.MapReply;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Encodes the answer to MAP.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class MapReplies {
    /** How long a page stays with a thread that it was given to, where the threads of several hosts write (us). */
    private static final int HOLD_US = 200;

    private MapReplies() {}

    static byte[] encode(
            RegionContext context,
            RegionRecord record,
            long token,
            boolean home,
            boolean preloaded,
            long epoch,
            Right initial,
            Right highest) {
        Deadlines deadlines = context.settings().deadlines();
        int flags = (home ? MapReply.FLAG_HOME : 0)
                | (home && record.kind() == Kind.EXPORTED ? MapReply.FLAG_FILE : 0)
                | (preloaded ? MapReply.FLAG_PRELOADED : 0)
                | (record.anyWriter() ? MapReply.FLAG_ANY_WRITER : 0);
        return ByteBuffer.allocate(MapReply.LENGTH)
                .order(ByteOrder.nativeOrder())
                .putLong(MapReply.TOKEN, token)
                .putLong(MapReply.REGION_ID, record.id())
                .putLong(MapReply.BASE, record.base())
                .putLong(MapReply.SPAN, record.span())
                .putLong(MapReply.SIZE, record.size())
                .putLong(MapReply.SESSION, context.session())
                .putLong(MapReply.EPOCH, epoch)
                .putInt(MapReply.PAGE_SIZE, record.pageSize())
                .putInt(MapReply.FAULT_DEADLINE_MS, deadlines.faultMs())
                .putInt(MapReply.REVOKE_DEADLINE_MS, deadlines.revokeMs())
                .putInt(MapReply.FLAGS, flags)
                .put(MapReply.INITIAL_RIGHT, (byte) initial.code())
                .put(MapReply.HIGHEST_RIGHT, (byte) highest.code())
                .putShort(MapReply.MAX_LINES, (short) Mapping.MAX_LINES)
                .putInt(MapReply.HOLD_US, record.anyWriter() ? HOLD_US : 0)
                .array();
    }
}
