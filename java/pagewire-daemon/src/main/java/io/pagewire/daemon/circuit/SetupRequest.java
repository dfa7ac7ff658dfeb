package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;
import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.PeerLayout.Setup;
import java.nio.charset.StandardCharsets;

/**
 * The call setup: who wants to share what, and how (SPEC: V2). {@code leaseMs} is how long the client keeps rights without an
 * echo, in milliseconds; {@code sharingType} is 1 to 4 (SPEC: V8-V11), or that of a frame stream (V12); {@code handsBack}: written
 * bytes follow before the call may be answered; {@code resume}: the last frame that an earlier circuit of the stream brought, 0
 * = none.
 *
 * <p>Immutable; safe for use by any thread.
 */
public record SetupRequest(
        long session,
        int regionId,
        long base,
        long span,
        int pageSize,
        int user,
        long directory,
        int sharingType,
        int wantedRight,
        int qosClass,
        int leaseMs,
        boolean handsBack,
        long resume,
        String host,
        String region) {

    /** Whether the client has the region preloaded (sharing types 3 and 4). */
    public boolean isPreloaded() {
        return sharingType == 3 || sharingType == 4;
    }

    /** Whether the client wants to consume a frame stream. */
    public boolean isStream() {
        return sharingType >= Setup.LOSSLESS_STREAM;
    }

    /** Writes a whole SETUP into the circuit. */
    public void send(Circuit circuit) {
        byte[] hostName = host.getBytes(StandardCharsets.UTF_8);
        byte[] regionName = region.getBytes(StandardCharsets.UTF_8);
        ByteBuf message = circuit.begin(PeerLayout.SETUP, Setup.NAMES + hostName.length + regionName.length);
        message.writeLongLE(session).writeLongLE(regionId).writeLongLE(base).writeLongLE(span);
        message.writeIntLE(pageSize).writeIntLE(user).writeLongLE(directory);
        message.writeByte(sharingType)
                .writeByte(wantedRight)
                .writeByte(qosClass)
                .writeByte(handsBack ? Setup.HANDS_BACK : 0);
        message.writeIntLE(leaseMs).writeShortLE(hostName.length).writeShortLE(regionName.length);
        message.writeIntLE(0).writeLongLE(resume).writeBytes(hostName).writeBytes(regionName);
        circuit.send(message);
    }

    /** Null when the payload is a well-formed SETUP, otherwise what is wrong with it. */
    public static String problem(ByteBuf bytes, int at, int length) {
        if (length < Setup.NAMES) {
            return "SETUP of " + length + " bytes is too short";
        }
        int host = bytes.getUnsignedShortLE(at + Setup.HOST_LENGTH);
        int name = bytes.getUnsignedShortLE(at + Setup.NAME_LENGTH);
        if (host == 0 || host > 255 || name == 0 || name > 255 || Setup.NAMES + host + name != length) {
            return "SETUP with names of " + host + " and " + name + " bytes in " + length + " bytes";
        }
        int type = bytes.getUnsignedByte(at + Setup.SHARING_TYPE);
        int right = bytes.getUnsignedByte(at + Setup.WANTED_RIGHT);
        if (type < 1 || type > Setup.LATEST_STREAM || right < 1 || right > 2) {
            return "SETUP with sharing type " + type + " and right " + right;
        }
        if ((bytes.getUnsignedByte(at + Setup.FLAGS) & ~Setup.HANDS_BACK) != 0) {
            return "SETUP with flags " + bytes.getUnsignedByte(at + Setup.FLAGS);
        }
        if (bytes.getLongLE(at + Setup.REGION_ID) >>> 31 != 0) {
            return "SETUP with region id " + Long.toUnsignedString(bytes.getLongLE(at + Setup.REGION_ID));
        }
        return null;
    }

    /** Reads a payload for which {@link #problem} gave null. */
    public static SetupRequest read(ByteBuf bytes, int at) {
        int host = bytes.getUnsignedShortLE(at + Setup.HOST_LENGTH);
        int name = bytes.getUnsignedShortLE(at + Setup.NAME_LENGTH);
        return new SetupRequest(
                bytes.getLongLE(at + Setup.SESSION),
                (int) bytes.getLongLE(at + Setup.REGION_ID),
                bytes.getLongLE(at + Setup.BASE),
                bytes.getLongLE(at + Setup.SPAN),
                bytes.getIntLE(at + Setup.PAGE_SIZE),
                bytes.getIntLE(at + Setup.USER),
                bytes.getLongLE(at + Setup.DIRECTORY),
                bytes.getUnsignedByte(at + Setup.SHARING_TYPE),
                bytes.getUnsignedByte(at + Setup.WANTED_RIGHT),
                bytes.getUnsignedByte(at + Setup.QOS),
                bytes.getIntLE(at + Setup.LEASE_MS),
                (bytes.getUnsignedByte(at + Setup.FLAGS) & Setup.HANDS_BACK) != 0,
                bytes.getLongLE(at + Setup.RESUME),
                bytes.toString(at + Setup.NAMES, host, StandardCharsets.UTF_8),
                bytes.toString(at + Setup.NAMES + host, name, StandardCharsets.UTF_8));
    }
}
