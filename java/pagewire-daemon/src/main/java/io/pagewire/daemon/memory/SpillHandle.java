package io.pagewire.daemon.memory;

import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open file behind a {@link SpillFile}: made when it is first written, closed when the region has let go of it and the last
 * read or write is over.
 *
 * <p>Safe for use by any thread.
 */
final class SpillHandle {
    private static final Logger LOG = LoggerFactory.getLogger(SpillHandle.class);

    private final SpillSpace space;
    private final AtomicInteger holders = new AtomicInteger(1);
    private volatile boolean closed;
    private volatile int descriptor = -1;
    private volatile FileChannel channel;
    private Runnable onClosed;

    SpillHandle(SpillSpace space) {
        this.space = space;
    }

    /** The channel, with the file made when there is none; blocks. Called by one thread at a time that holds the handle. */
    FileChannel channel() throws IOException {
        if (channel == null) {
            int made = space.open();
            try {
                channel = Sys.channel(made, true);
                descriptor = made;
            } catch (IOException e) {
                Sys.close(made);
                throw e;
            }
        }
        return channel;
    }

    /** For reads that do not wait; there is one once a page was written. */
    int descriptor() {
        return descriptor;
    }

    boolean isClosed() {
        return closed;
    }

    /** Keeps the file open until {@link #release}; false when it is closed. Called on the region's loop. */
    boolean hold() {
        if (closed) {
            return false;
        }
        holders.incrementAndGet();
        return true;
    }

    void release() {
        if (holders.decrementAndGet() == 0) {
            try {
                if (channel != null) {
                    channel.close();
                    Sys.close(descriptor);
                }
            } catch (IOException e) {
                LOG.warn("closing a spill file: {}", Reasons.of(e));
            }
            onClosed.run();
        }
    }

    /** The region needs the file no more. {@code then} runs when it is really closed, which may take a while. */
    void close(Runnable then, Executor slow) {
        onClosed = then;
        closed = true;
        try {
            slow.execute(this::release);
        } catch (RejectedExecutionException e) {
            LOG.debug("dsmd is stopping, the spill file is closed here: {}", Reasons.of(e));
            release();
        }
    }
}
