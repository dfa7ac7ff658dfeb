package io.pagewire.internal;

import io.pagewire.ConnectOptions;
import java.nio.file.Path;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * One connection as the C library knows it.
 *
 * <p>Safe for use by any thread.
 */
public final class Link {
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

    public void create(String name, long size, int pageSize) {
        run(h -> Native.create(h, Native.text(name), size, pageSize));
    }

    public void export(String name, Path file, int pageSize) {
        run(h -> Native.export(h, Native.text(name), Native.text(file.toString()), pageSize));
    }

    public void delete(String name) {
        run(h -> Native.delete(h, Native.text(name)));
    }

    /** The handle of a new mapping. */
    public long map(String name, boolean eager) {
        return call(h -> Native.map(h, Native.text(name), eager));
    }

    public String query(String what) {
        return call(h -> Native.text(Native.query(h, Native.text(what))));
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
