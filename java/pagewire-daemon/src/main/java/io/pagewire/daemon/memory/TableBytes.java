package io.pagewire.daemon.memory;

import io.pagewire.core.TableRoom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of this daemon's heap that page tables may take: half of it, so that a program that touches more pages than fit
 * gets an error, and the daemon does not run out of memory.
 *
 * <p>Safe for use by any thread.
 */
public final class TableBytes implements TableRoom {
    private static final Logger LOG = LoggerFactory.getLogger(TableBytes.class);

    private final long most;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicBoolean told = new AtomicBoolean();

    /** @param most bytes, at least 1 */
    public TableBytes(long most) {
        this.most = most;
    }

    public static TableBytes ofHeap() {
        return new TableBytes(Runtime.getRuntime().maxMemory() / 2);
    }

    @Override
    public boolean isFull() {
        return taken.get() >= most;
    }

    @Override
    public void take(int bytes) {
        if (taken.addAndGet(bytes) >= most && told.compareAndSet(false, true)) {
            LOG.warn(
                    "page tables take {} MiB, half of this daemon's heap: pages that nobody has touched yet are not served"
                            + " any more. Give dsmd more memory (PAGEWIRE_DSMD_OPTS=-Xmx...), or make regions with larger pages",
                    most >> 20);
        }
    }

    /** A region has ended, and its table with it. */
    public void give(long bytes) {
        if (taken.addAndGet(-bytes) < most) {
            told.set(false);
        }
    }

    /** Bytes that page tables take at present. */
    public long taken() {
        return taken.get();
    }
}
