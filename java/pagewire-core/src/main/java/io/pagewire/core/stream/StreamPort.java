package io.pagewire.core.stream;

/**
 * What a {@link StreamHub} decides. None of these may call the hub back before it has returned.
 *
 * <p>Called by the thread that calls the hub.
 */
public interface StreamPort {
    /** The source may fill this slot. */
    void give(int slot);

    /** The sink is to have this frame; the slot is not given again before the sink has released it. */
    void deliver(int sink, int slot, long number, int length, long timeNs);

    /** The source, or after it the end, waits and this sink, a circuit, is in the way: its host should see to its own consumers. */
    void stalled(int sink);

    /**
     * Every frame has been delivered to the sink and nothing more comes. {@code cause}: 0 = the end of the stream, else {@code
     * Cause}.
     */
    void end(int sink, int cause);

    /**
     * The sink has held the source up for longer than it may, and is out. What it had been delivered stays its own until
     * {@link StreamHub#removeSink}, and does not count any more.
     *
     * @param heldUpNs how long
     */
    void dropped(int sink, long heldUpNs);

    /**
     * Bytes of the slot may still be on their way out: it must have other memory before it is given again. Comes before {@link
     * #give}.
     */
    void renew(int slot);

    /** What {@link StreamHub#drain} asked for has come about. */
    void drained();
}
