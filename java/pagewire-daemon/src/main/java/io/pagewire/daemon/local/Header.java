package io.pagewire.daemon.local;

import io.netty.buffer.ByteBuf;
import io.pagewire.wire.LocalLayout;

/**
 * Writes and checks the 32-byte header of the local protocol, in the machine's byte order (all supported machines are
 * little-endian).
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Header {
    private Header() {}

    static ByteBuf write(ByteBuf to, int type, int status, int id, long a, long b, int c, int length) {
        return to.writeByte(LocalLayout.PROTOCOL_VERSION)
                .writeByte(type)
                .writeShortLE(status)
                .writeIntLE(id)
                .writeLongLE(a)
                .writeLongLE(b)
                .writeIntLE(c)
                .writeIntLE(length);
    }

    /** Null when a header of a request may be acted on, otherwise what is wrong with it. */
    static String problem(ByteBuf bytes, int at) {
        int version = bytes.getUnsignedByte(at + LocalLayout.VERSION);
        if (version != LocalLayout.PROTOCOL_VERSION) {
            return "protocol version " + version + "; this dsmd speaks version " + LocalLayout.PROTOCOL_VERSION
                    + " (is the library of another release?)";
        }
        int length = bytes.getIntLE(at + LocalLayout.LENGTH);
        if (length < 0 || length > LocalLayout.MAX_REQUEST_PAYLOAD) {
            return "request with a payload of " + Integer.toUnsignedString(length) + " bytes; at most "
                    + LocalLayout.MAX_REQUEST_PAYLOAD + " are allowed";
        }
        return null;
    }
}
