package io.pagewire.daemon.circuit;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;

/**
 * Has an event loop look for the next message for a moment before it sleeps. One fault goes through two daemons and back; each
 * loop that sleeps meanwhile has to be woken, which costs more than all that it does for the fault. While it looks it gives way
 * to every other thread that wants the processor.
 *
 * <p>Belongs to one event loop.
 */
final class SpinStrategy implements SelectStrategy {
    private final long spinNs;
    private long until = System.nanoTime();

    SpinStrategy(int us) {
        spinNs = us * 1000L;
    }

    @Override
    public int calculateStrategy(IntSupplier selectSupplier, boolean hasTasks) throws Exception {
        int ready = selectSupplier.get();
        if (ready > 0) {
            until = System.nanoTime() + spinNs;
            return ready;
        }
        if (hasTasks) {
            return ready;
        }
        if (System.nanoTime() - until < 0) {
            Thread.yield();
            return CONTINUE;
        }
        return SELECT;
    }
}
