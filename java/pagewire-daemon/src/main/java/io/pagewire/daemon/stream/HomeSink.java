package io.pagewire.daemon.stream;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.stream.StreamHub;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitEvents;
import io.pagewire.daemon.circuit.SetupRequest;

/**
 * Home's end of the circuit to one host's lossless, or latest, consumers: sends frames by {@code sendfile} and hears what has come
 * whole. Outlives a circuit that breaks, until its host calls again or is dropped.
 *
 * <p>Belongs to the stream's event loop.
 */
final class HomeSink implements CircuitEvents {
    /** What the home stream does about it. */
    interface Owner {
        StreamHub hub();

        StreamMemory memory();

        /** A circuit on which nothing has come for that long is given up, ms ({@code Deadlines.homeMs}). */
        int homeMs();

        /** The circuit broke: {@link StreamHub#away} has been said. */
        void circuitLost(HomeSink sink, String reason);

        /** The host has no consumer any more, or hung up after the end: the sink is to be removed. */
        void left(HomeSink sink, String reason);
    }

    HomeSink(Owner owner, int sink, Circuit circuit, SetupRequest setup) {
        throw new UnsupportedOperationException();
    }

    int sink() {
        throw new UnsupportedOperationException();
    }

    SetupRequest setup() {
        throw new UnsupportedOperationException();
    }

    /** Null while the circuit is away. */
    Circuit circuit() {
        throw new UnsupportedOperationException();
    }

    /** Answers the call: the window's span, pages of 4096, and how long a consumer may hold the producer up. */
    void accept(long span, int dropMs) {
        throw new UnsupportedOperationException();
    }

    /** The host calls again, having every frame up to {@code setup.resume()}. Null, or why that cannot be. */
    String resume(Circuit next, SetupRequest again, long span, int dropMs) {
        throw new UnsupportedOperationException();
    }

    /** {@code StreamPort.deliver}. */
    void deliver(int slot, long number, int length, long timeNs) {
        throw new UnsupportedOperationException();
    }

    /** {@code StreamPort.stalled}. */
    void stalled() {
        throw new UnsupportedOperationException();
    }

    /** {@code StreamPort.end}: ENDED, after what is on its way. */
    void end(int cause, String reason) {
        throw new UnsupportedOperationException();
    }

    /** Closes the connection at once, with nothing further said: dropped, or the stream was taken away. */
    void close(int cause, String reason) {
        throw new UnsupportedOperationException();
    }

    /** Whether bytes of delivered slots may still lie in the socket's queue. */
    boolean hasBytesUnderway() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String message(Circuit from, int type, ByteBuf bytes, int at, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void closed(Circuit which, String reason) {
        throw new UnsupportedOperationException();
    }
}
