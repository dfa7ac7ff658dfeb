package io.pagewire.internal;

import io.pagewire.ConnectOptions;
import io.pagewire.FrameOptions;
import io.pagewire.MapOptions;
import io.pagewire.RegionOptions;
import io.pagewire.SubscribeOptions;
import io.pagewire.Writers;
import io.pagewire.wire.LocalLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * One connection as the C library knows it.
 *
 * <p>Safe for use by any thread.
 */
public final class Link {
    /** PW_MAP_DUMP of pagewire.h, which the daemon never sees. */
    private static final int MAP_DUMP = 8;

    private final Gate gate = new Gate();
    private final long handle;
    private final String host;
    private final Path socket;
    private volatile boolean refusing;

    private Link(long handle) {
        this.handle = handle;
        this.host = Native.text(Native.host(handle));
        this.socket = Path.of(Native.text(Native.socket(handle)));
    }

    public static Link open(ConnectOptions options) {
        byte[] socket =
                options.socket() == null ? null : Native.text(options.socket().toString());
        byte[] program = options.program() == null ? null : Native.text(options.program());
        return new Link(Native.connect(socket, program, (int) options.deadline().toMillis()));
    }

    public String host() {
        return host;
    }

    public Path socket() {
        return socket;
    }

    public void create(String name, long size, RegionOptions options) {
        run(h -> Native.create(h, Native.text(name), size, options.pageSize(), flags(options)));
    }

    /** The warning of the library, if it had one. */
    public Optional<String> export(String name, Path file, RegionOptions options) {
        byte[] path = Native.text(file.toString());
        byte[] warning = call(
                h -> Native.export(h, Native.text(name), path, options.pageSize(), flags(options), options.progress()));
        return warning(warning);
    }

    public void delete(String name) {
        run(h -> Native.delete(h, Native.text(name)));
    }

    /** A new mapping. */
    public Mapping map(String name, MapOptions options) {
        byte[][] warning = new byte[1][];
        int periodMs = (int) options.period().toMillis();
        long mapping =
                call(h -> Native.map(h, Native.text(name), flags(options), periodMs, options.progress(), warning));
        return new Mapping(mapping, name, options.preloaded(), warning(warning[0]));
    }

    /** A new producer's end. */
    public StreamEnd publishFrames(String name, FrameOptions options) {
        byte[][] warning = new byte[1][];
        long writer = call(h -> Native.publishFrames(
                h,
                Native.text(name),
                options.frameSize(),
                options.frames(),
                options.discard() ? LocalLayout.STREAM_DISCARD : 0,
                (int) options.deadline().toMillis(),
                (int) options.dropAfter().toMillis(),
                warning));
        return StreamEnd.writer(writer, name, warning(warning[0]));
    }

    /** A new consumer's end. */
    public StreamEnd subscribeFrames(String name, SubscribeOptions options) {
        byte[][] warning = new byte[1][];
        long reader = call(h -> Native.subscribeFrames(
                h,
                Native.text(name),
                options.frames(),
                options.latest() ? LocalLayout.STREAM_LATEST : 0,
                (int) options.producerWait().toMillis(),
                (int) options.deadline().toMillis(),
                warning));
        return StreamEnd.reader(reader, name, warning(warning[0]));
    }

    public String query(String what) {
        return call(h -> Native.text(Native.query(h, Native.text(what))));
    }

    private static int flags(RegionOptions options) {
        int writers = options.writers() == Writers.ANY ? LocalLayout.REGION_ANY_WRITER : 0;
        return writers | (options.resident() ? LocalLayout.REGION_RESIDENT : 0);
    }

    private static int flags(MapOptions options) {
        return (options.eager() ? LocalLayout.MAP_EAGER : 0)
                | (options.readOnly() ? LocalLayout.MAP_READ_ONLY : 0)
                | (options.preloaded() ? LocalLayout.MAP_PRELOADED : 0)
                | (options.dumped() ? MAP_DUMP : 0);
    }

    private static Optional<String> warning(byte[] text) {
        return text == null ? Optional.empty() : Optional.of(Native.text(text));
    }

    /** Runs the action with the connection certainly open. */
    public <T> T whileOpen(Supplier<T> action) {
        return call(h -> action.get());
    }

    /** From now on nothing new is begun. */
    public void refuse() {
        refusing = true;
    }

    /** Once no request runs any more (they have deadlines), runs the action and disconnects. Idempotent. */
    public void close(Runnable before) {
        gate.close(() -> {
            before.run();
            Native.disconnect(handle);
        });
    }

    private interface Request {
        void send(long handle);
    }

    private void run(Request request) {
        call(h -> {
            request.send(h);
            return null;
        });
    }

    private <T> T call(LongFunction<T> request) {
        if (refusing || !gate.enter()) {
            throw new IllegalStateException("the connection to dsmd at " + socket + " is closed");
        }
        try {
            return request.apply(handle);
        } finally {
            gate.leave();
        }
    }
}
