package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.local.ControlReply;
import java.util.function.Consumer;

/**
 * One round with home about a preloaded region: all that was changed here goes there, or the other way. Begins anew on another
 * circuit when its own is lost.
 *
 * <p>Belongs to the region's event loop, but for {@link #progress}.
 */
abstract class Exchange {
    private final Consumer<ControlReply> done;
    private volatile long progressNs = System.nanoTime();
    private long patienceNs;

    /** @param done hears once how it ended: a count of pages, or what went wrong */
    Exchange(Consumer<ControlReply> done) {
        this.done = done;
    }

    /** A circuit is up and the turn is ours. */
    abstract void begin(Circuit circuit, long epoch);

    /** A message of home; null, or why it breaks the protocol. */
    abstract String message(int type, ByteBuf bytes, int at, int length);

    /** More may be sent. */
    void writable() {
        // Most exchanges send one message.
    }

    /** Whether somebody needs what comes of it even when no program of this host maps the region any more. */
    abstract boolean outlivesMappings();

    /** The circuit it began on is lost, or nothing more of it is wanted. */
    void stop() {}

    /** Something got done: the deadline counts from now. Any thread. */
    final void progress() {
        progressNs = System.nanoTime();
    }

    final long progressNs() {
        return progressNs;
    }

    /** It fails when it has not come further for so long; 0 = whatever holds for all. */
    final void patience(long ns) {
        patienceNs = ns;
    }

    final long patienceNs() {
        return patienceNs;
    }

    final void tell(ControlReply outcome) {
        done.accept(outcome);
    }
}
