package io.pagewire.daemon.stream;

import io.netty.channel.EventLoop;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.wire.FaultCause;

/**
 * A consumer host's end of a stream: calls the producer's host, receives frames into the slots it is given, calls again when the
 * circuit breaks and goes on where it was; gives up when that does not succeed within the drop deadline (SPEC: V1, V12, V13).
 *
 * <p>Belongs to the stream's event loop.
 */
final class Upstream {
    /** What the client stream does about it. Called on the stream's loop, never from within a call of this class's methods. */
    interface Events {
        /** The first circuit is up. Once. */
        void up(int dropMs);

        /** The slot holds this frame, whole. */
        void filled(int slot, long number, int length, long timeNs);

        /** The producer waits for a slot of this host. */
        void stalled();

        /** Nothing more comes: 0 = end of stream, else a cause. Once, the last call. */
        void ended(int cause, String reason);

        /** The circuit is down and called for again; for reports only. */
        void down(FaultCause cause, String reason);
    }

    Upstream(
            RegionContext context,
            EventLoop loop,
            RegionRecord record,
            boolean latest,
            int user,
            StreamMemory memory,
            Events events) {
        throw new UnsupportedOperationException();
    }

    /** Calls. Refusals and owners that cannot be found at the first call are told by {@link Events#ended}. */
    void connect() {
        throw new UnsupportedOperationException();
    }

    /** The slot may be filled. Slots are filled in the order in which they were given. */
    void give(int slot) {
        throw new UnsupportedOperationException();
    }

    /** No consumer is left: hangs up. Nothing is called any more. */
    void close(String reason) {
        throw new UnsupportedOperationException();
    }

    /** Id of the circuit, 0 = none is up. */
    int circuitId() {
        throw new UnsupportedOperationException();
    }

    /** The producer's host, as far as it is known, else null. */
    String peer() {
        throw new UnsupportedOperationException();
    }

    /** Bytes received and sent on all circuits of this end. */
    long receivedBytes() {
        throw new UnsupportedOperationException();
    }

    long sentBytes() {
        throw new UnsupportedOperationException();
    }
}
