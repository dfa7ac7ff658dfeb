package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitEvents;

/**
 * The events of a circuit between its connection and the SETUP: nothing may come yet.
 *
 * <p>Stateless; safe for use by any thread.
 */
enum Unanswered implements CircuitEvents {
    INSTANCE;

    @Override
    public String message(Circuit circuit, int type, ByteBuf bytes, int payload, int length) {
        return "message of type " + type + " before any call";
    }

    @Override
    public void closed(Circuit circuit, String reason) {
        // Whoever connects sees the failure in the future of the connection.
    }
}
