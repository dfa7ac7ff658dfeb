package io.pagewire.daemon.local;

import io.netty.channel.EventLoop;

/**
 * A frame stream on this host, as its producer and its consumers see it (SPEC: V12). Methods that return a text take what a
 * program said: null, or the reason why it cannot be valid; its socket is closed then.
 *
 * <p>Called on {@link #loop()} only, except for that method.
 */
public interface StreamSide {
    /** The stream's event loop. */
    EventLoop loop();

    /** The program has its socket and has been told so. */
    void attached(StreamEnd end);

    /** The producer has filled a slot. {@code length}: bytes used, 0 to 2^32 - 1 as said. */
    String filled(StreamEnd producer, int slot, long length, long timeNs);

    /** The producer has no slot left and waits for one. */
    void waiting(StreamEnd producer);

    /** The producer wants {@link StreamEnd#drained} with this number when every frame has been taken. */
    void drain(StreamEnd producer, int request);

    /** The producer fills no frame any more. */
    void finish(StreamEnd producer);

    /** The consumer is done with the frame it holds and waits for the next. */
    String next(StreamEnd consumer);

    /** The consumer does not look at the slot any more. */
    String released(StreamEnd consumer, int slot);

    /** The consumer does not wait any more; answered by {@link StreamEnd#cancelled}. */
    String cancel(StreamEnd consumer, int request);

    /** The socket is closed: the program ended, or is done. */
    void closed(StreamEnd end);
}
