package io.pagewire.daemon.local;

import io.pagewire.wire.LocalLayout;

/**
 * The producer or a consumer of a frame stream in a program of this host: the token by which the program names it, and its socket
 * once the program has opened it. Messages to a program that has no socket any more go nowhere.
 *
 * <p>Belongs to the stream's event loop; identity, token and process may be read by any thread.
 */
public final class StreamEnd {
    /** {@link #sink()} of the producer. */
    public static final int PRODUCER = -1;

    private final long token;
    private final LocalProcess process;
    private final StreamSide side;
    private final int sink;
    private StreamSocket socket;
    private boolean attached;
    private boolean gone;

    /** @param sink number of a consumer's sink, or {@link #PRODUCER} */
    public StreamEnd(long token, LocalProcess process, StreamSide side, int sink) {
        this.token = token;
        this.process = process;
        this.side = side;
        this.sink = sink;
    }

    public long token() {
        return token;
    }

    public LocalProcess process() {
        return process;
    }

    public StreamSide side() {
        return side;
    }

    public int sink() {
        return sink;
    }

    public boolean isProducer() {
        return sink == PRODUCER;
    }

    /** Whether the program has ever opened the socket. */
    public boolean isAttached() {
        return attached;
    }

    /** Whether the program has nothing of it any more. */
    public boolean isGone() {
        return gone;
    }

    /** The socket, or null when there was one already or the end is gone. */
    StreamSocket openSocket() {
        if (attached || gone) {
            return null;
        }
        attached = true;
        socket = new StreamSocket(this);
        return socket;
    }

    void socketClosed() {
        socket = null;
        if (!gone) {
            side.closed(this);
        }
    }

    /** Closes the socket; its program hears and says nothing any more. */
    public void end() {
        gone = true;
        if (socket != null) {
            socket.close();
        }
    }

    /** To the producer: the slot may be filled. */
    public void empty(int slot) {
        send(LocalLayout.EMPTY, slot, 0, 0, 0, 0);
    }

    /** To the producer: what it waits for has come about. */
    public void drained(int request) {
        send(LocalLayout.DRAINED, 0, request, 0, 0, 0);
    }

    /** To the producer: consumers get on, though what it waits for has not come about. */
    public void draining(int request) {
        send(LocalLayout.DRAINING, 0, request, 0, 0, 0);
    }

    /** To a consumer. */
    public void frame(int slot, long number, long timeNs, int length) {
        send(LocalLayout.FRAME, slot, 0, number, timeNs, length);
    }

    /** To a consumer. */
    public void cancelled(int request) {
        send(LocalLayout.CANCELLED, 0, request, 0, 0, 0);
    }

    /** Nothing more comes. {@code cause}: 0 = end of stream, else a {@code FaultCause}. */
    public void ended(int cause, long lastNumber) {
        send(LocalLayout.ENDED, cause, 0, lastNumber, 0, 0);
    }

    private void send(int type, int status, int id, long a, long b, int c) {
        if (socket != null) {
            socket.send(type, status, id, a, b, c);
        }
    }

    @Override
    public String toString() {
        return (isProducer() ? "producer " : "consumer ") + process;
    }
}
