package io.pagewire;

import io.pagewire.internal.Mapping;

/**
 * Keeps pages of a region present for a while, so that system calls and futexes may use them: the kernel does not fetch an
 * absent page for a system call, it answers {@code EFAULT}. Bounded in time, for other hosts wait meanwhile.
 *
 * <p>Safe for use by any thread; {@link #close()} acts once.
 */
public final class Pin implements AutoCloseable {
    private final Mapping mapping;
    private final long id;
    private boolean open = true;

    Pin(Mapping mapping, long id) {
        this.mapping = mapping;
        this.id = id;
    }

    /**
     * Gives the pages free. Idempotent; does nothing when the region has been closed.
     *
     * @throws PinBrokenException when the pin had to be given up before, so that a system call may have met absent or old
     *     pages
     */
    @Override
    public synchronized void close() {
        if (open) {
            open = false;
            mapping.unpin(id);
        }
    }
}
