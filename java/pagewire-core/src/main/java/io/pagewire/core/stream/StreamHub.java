package io.pagewire.core.stream;

/**
 * The frames of one stream on one host. A <em>source</em> fills slots: the producer's program at its host, the circuit from there
 * at every other. <em>Sinks</em> take frames: consumer programs of this host and, at the producer's host, circuits to others. Times
 * are nanoseconds of one steady clock. Methods that take what a program or another host said return null, or the reason why it
 * cannot be valid; nothing has changed then.
 *
 * <p>Slot states: empty, given (to the source), filled (with the frames' sinks that have still to see or to release it). At most
 * {@code frames} slots are given or held back at a time, where a filled slot holds back when a lossless sink has it queued, or has
 * it delivered and is not finished with it, or when it is kept for the first sink. Others (with sinks that are latest, finished or
 * dropped) do not count, so they never keep the source waiting while there are slots.
 *
 * <p>Belongs to one event loop.
 */
public final class StreamHub {
    /** Credit of a sink that is sent every frame at once. */
    public static final int UNLIMITED = -1;

    /**
     * @param frames slots that may be given or held back, 2 to 16
     * @param slots slots that there are, more than {@code frames}
     * @param sinks sink numbers are below that
     * @param keeps while no sink has ever been there, frames are kept for the first one; false = let go
     */
    public StreamHub(StreamPort port, int frames, int slots, int sinks, boolean keeps) {
        throw new UnsupportedOperationException();
    }

    /** Gives the source its first slots. */
    public void start() {
        throw new UnsupportedOperationException();
    }

    /** The source has no slot left and waits: from now on sinks that hold it up have their deadlines. Ends with the next give. */
    public void sourceWaits(long now) {
        throw new UnsupportedOperationException();
    }

    /** The producer has filled a slot; its number is one more than the last. */
    public String filled(int slot, int length, long timeNs, long now) {
        throw new UnsupportedOperationException();
    }

    /** A circuit has filled a slot with the frame of this number, which is greater than the last. */
    public String filled(int slot, long number, int length, long timeNs, long now) {
        throw new UnsupportedOperationException();
    }

    /** Nothing is filled any more; sinks get what is queued, then the end. {@code cause}: 0 = end of stream. Only the first call counts. */
    public void sourceEnded(int cause, long now) {
        throw new UnsupportedOperationException();
    }

    /**
     * A sink that gets the frames filled from now on, and the first one ever also what was kept.
     *
     * @param latest skips to the newest frame, needs credit for each, and never holds the source up
     * @param credit frames that may be delivered before {@link #credit} or release; {@link #UNLIMITED} for local lossless sinks
     * @param circuit has {@link #away} and {@link StreamPort#stalled}
     * @param dropNs how long it may hold the source up, or stay away
     */
    public void addSink(int sink, boolean latest, boolean circuit, int credit, long dropNs, long now) {
        throw new UnsupportedOperationException();
    }

    /** The sink may be delivered this many frames more. */
    public void credit(int sink, int more, long now) {
        throw new UnsupportedOperationException();
    }

    /** Takes unused credit of a latest sink back. */
    public void cancel(int sink, long now) {
        throw new UnsupportedOperationException();
    }

    /** A local sink is done with all frames it has been delivered and waits for the next; they do not count until that comes. */
    public void finished(int sink, long now) {
        throw new UnsupportedOperationException();
    }

    /** The sink does not look at this slot any more. */
    public String released(int sink, int slot, long now) {
        throw new UnsupportedOperationException();
    }

    /** A circuit's host has all delivered frames up to this number. */
    public String releasedUpTo(int sink, long number, long now) {
        throw new UnsupportedOperationException();
    }

    /** The circuit broke: what was delivered and not released is queued again, credit is gone. */
    public void away(int sink, long now) {
        throw new UnsupportedOperationException();
    }

    /** It is back on another circuit, and has every frame up to {@code number}; credit comes anew. */
    public String back(int sink, long number, long now) {
        throw new UnsupportedOperationException();
    }

    /**
     * The sink is gone, also a dropped one: it has none of its slots any more.
     *
     * @param bytesUnderway bytes of its delivered slots may still be on their way out, so those slots must be renewed
     */
    public void removeSink(int sink, boolean bytesUnderway, long now) {
        throw new UnsupportedOperationException();
    }

    /** Says {@link StreamPort#drained} once, when no frame waits for a sink any more; at once when that is so. */
    public void drain(long now) {
        throw new UnsupportedOperationException();
    }

    /** Drops sinks whose deadline is over. */
    public void tick(long now) {
        throw new UnsupportedOperationException();
    }

    /** The number of the last frame filled, 0 = none. */
    public long lastNumber() {
        throw new UnsupportedOperationException();
    }

    /** Whether the source waits for a slot. */
    public boolean isSourceWaiting() {
        throw new UnsupportedOperationException();
    }

    /** Frames that were queued for this sink and skipped since it came. */
    public long skipped(int sink) {
        throw new UnsupportedOperationException();
    }

    /** Slots that hold back because of this sink; 0 = it keeps nobody waiting. */
    public int heldBack(int sink) {
        throw new UnsupportedOperationException();
    }

    /** Frames kept for the first sink. */
    public int kept() {
        throw new UnsupportedOperationException();
    }

    /** Frames let go because there was no sink. */
    public long discarded() {
        throw new UnsupportedOperationException();
    }

    /** Whether no frame waits for a sink or is on its way to one. */
    public boolean isDrained() {
        throw new UnsupportedOperationException();
    }
}
