package io.pagewire.daemon.local;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.region.RegionRuntime;
import io.pagewire.wire.MapReply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Opens mappings and ends of streams for tests and fuzzers. They belong to this process, which nobody may end: {@link
 * io.pagewire.daemon.fuzz.Apparatus} never runs the work that would.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class LocalDoor {
    private LocalDoor() {}

    /** This process, which the caller releases. */
    public static LocalProcess self() throws IOException {
        return LocalProcess.open((int) ProcessHandle.current().pid(), 0, "fuzz");
    }

    /** Another process, which the caller releases. */
    public static LocalProcess of(Process process) throws IOException {
        return LocalProcess.open((int) process.pid(), 0, "other");
    }

    /** The handler of the socket that a program opens for its end of a stream. */
    public static ChannelHandler socket(StreamEnd end) {
        return end.openSocket();
    }

    /** A message as a program writes it. */
    public static ByteBuf message(int type, int status, int id, long b, int c) {
        return Header.write(Unpooled.buffer(), type, status, id, 0, b, c, 0);
    }

    /** A mapping without agent: whatever is taken from it counts as given back at once. */
    public static Mapping open(RegionRuntime runtime, RegionContext context) throws IOException {
        LocalProcess process = self();
        ControlReply reply = runtime.open(process, false);
        process.release();
        return context.mapping(
                ByteBuffer.wrap(reply.payload()).order(ByteOrder.nativeOrder()).getLong(MapReply.TOKEN));
    }
}
