package io.pagewire.daemon.circuit;

/**
 * What went over one circuit since it was set up.
 *
 * <p>Written by the circuit's event loop; read by it as well.
 */
public final class CircuitCounters {
    public long sentMessages;
    public long sentBytes;
    public long receivedMessages;
    public long receivedBytes;

    /** Bytes of files that wait to be handed to the kernel. */
    public long waitingBytes;
}
