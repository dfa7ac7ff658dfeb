package io.pagewire.daemon.local;

import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.region.RegionRuntime;
import io.pagewire.wire.MapReply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Opens mappings for fuzzers. They belong to this process, which nobody may end: {@link
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

    /** A mapping without agent: whatever is taken from it counts as given back at once. */
    public static Mapping open(RegionRuntime runtime, RegionContext context) throws IOException {
        LocalProcess process = self();
        ControlReply reply = runtime.open(process, false);
        process.release();
        return context.mapping(
                ByteBuffer.wrap(reply.payload()).order(ByteOrder.nativeOrder()).getLong(MapReply.TOKEN));
    }
}
