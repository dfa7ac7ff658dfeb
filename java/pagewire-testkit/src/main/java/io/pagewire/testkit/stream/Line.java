package io.pagewire.testkit.stream;

/**
 * One direction of a local socket: in order, each message after a delay of its own, and what was sent before the end arrives.
 *
 * <p>Not thread-safe.
 */
final class Line {
    private final Party reader;
    private long lastArrival;
    private boolean ended;
    private boolean closed;

    Line(Party reader) {
        this.reader = reader;
    }

    void send(Runnable message) {
        if (!ended) {
            lastArrival = Math.max(lastArrival, reader.world.scheduler.now() + reader.world.localDelay());
            reader.world.scheduler.at(
                    lastArrival,
                    () -> reader.run(() -> {
                        if (!closed) {
                            message.run();
                        }
                    }));
        }
    }

    /** The writer closes the socket. */
    void end(Runnable heard) {
        send(heard);
        ended = true;
    }

    /** The reader closes the socket. */
    void close() {
        closed = true;
    }
}
