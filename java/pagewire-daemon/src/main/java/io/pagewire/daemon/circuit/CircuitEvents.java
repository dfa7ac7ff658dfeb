package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;

/**
 * What happens on a circuit.
 *
 * <p>Called on the circuit's event loop only.
 */
public interface CircuitEvents {
    /**
     * A message came whole and unharmed. {@code bytes} are lent for the duration of the call. Returns null, or the reason why
     * the message breaks the protocol: the circuit is then closed.
     */
    String message(Circuit circuit, int type, ByteBuf bytes, int payload, int length);

    /**
     * The memory of {@link Circuit#receive} has been filled. Returns null, or why what came cannot be valid: the circuit is then
     * closed.
     */
    default String received(Circuit circuit) {
        throw new IllegalStateException("nothing but messages is read from this circuit");
    }

    /** The peer has taken enough of what was written: more may be written. */
    default void writable(Circuit circuit) {
        // Most ends write answers only, of which there are never many.
    }

    /** A part of a long message has come, or the connection has taken one. */
    default void moved(Circuit circuit) {
        // What is sent in parts is waited for at the ends of regions only.
    }

    /** The circuit is closed; nothing more will come. */
    void closed(Circuit circuit, String reason);
}
