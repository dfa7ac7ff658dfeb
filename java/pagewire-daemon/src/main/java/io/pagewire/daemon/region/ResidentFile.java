package io.pagewire.daemon.region;

import io.pagewire.daemon.sys.LockedFile;
import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An exported file that is held in real memory: its blocks are read in advance, in chunks, and locked (SPEC: V9). What the
 * limit on locked memory does not allow is read all the same and may leave memory again; then there is a warning. Blocks that
 * cannot be read are passed over: whoever asks for them gets the error.
 *
 * <p>Safe for use by any thread; reading and locking are done by a slow thread.
 */
final class ResidentFile implements Filling, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResidentFile.class);
    private static final int CHUNK = 4 << 20;
    private static final int READ = 256 << 10;

    private final String path;
    private final long size;
    private final FileChannel channel;
    private final LockedFile memory;
    private final Executor slow;
    /** The owner, and the thread at work; who lets go last unmaps the file. */
    private final AtomicInteger holders = new AtomicInteger(2);

    private volatile boolean closed;
    private volatile long done;
    private volatile long locked;
    private volatile int state = LocalLayout.PROGRESS_RUNNING;
    private volatile String warning = "";
    private boolean locking = true;

    private ResidentFile(String path, long size, FileChannel channel, LockedFile memory, Executor slow) {
        this.path = path;
        this.size = size;
        this.channel = channel;
        this.memory = memory;
        this.slow = slow;
    }

    /**
     * Begins to read and lock the file.
     *
     * @param size bytes, from the beginning of the file
     * @param channel stays the caller's
     */
    static ResidentFile fill(String path, int descriptor, long size, FileChannel channel, Executor slow)
            throws IOException {
        ResidentFile file = new ResidentFile(path, size, channel, LockedFile.map(descriptor, size), slow);
        slow.execute(file::run);
        return file;
    }

    @Override
    public long done() {
        return done;
    }

    @Override
    public long total() {
        return size;
    }

    @Override
    public int state() {
        return state;
    }

    @Override
    public String text() {
        return warning;
    }

    /** Bytes that cannot leave memory. */
    long locked() {
        return locked;
    }

    private void run() {
        int outcome = LocalLayout.PROGRESS_FAILED;
        try {
            ByteBuffer scratch = ByteBuffer.allocateDirect(READ);
            for (long at = 0; at < size && !closed; at += CHUNK) {
                long end = Math.min(size, at + CHUNK);
                read(scratch, at, end);
                lock(at, end);
                done = end;
            }
            outcome = LocalLayout.PROGRESS_DONE;
            if (!closed) {
                LOG.info("{}: {} bytes are in memory, {} of them locked", path, done, locked);
            }
        } catch (ClosedChannelException e) {
            LOG.debug("{} was closed while it was being read", path);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("{} cannot be made resident", path, e);
            warn("dsmd failed when it read it (" + Reasons.of(e) + "); its log has the details");
        } finally {
            state = outcome;
            release();
        }
    }

    private void read(ByteBuffer scratch, long from, long end) throws ClosedChannelException {
        for (long at = from; at < end && !closed; at += READ) {
            try {
                if (channel.read(scratch.clear().limit((int) Math.min(READ, end - at)), at) <= 0) {
                    warn("it has become shorter; what is missing from byte " + at + " on cannot be read");
                    return;
                }
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                warn("bytes from " + at + " on cannot be read: " + Reasons.of(e));
            }
        }
    }

    /** Locks what is there of a chunk; a file may become shorter at any time, and what is behind its end cannot be locked. */
    private void lock(long from, long end) {
        try {
            long there = Math.min(end, channel.size());
            if (!locking || there <= from) {
                return;
            }
            String problem = memory.lock(from, there - from);
            if (problem == null) {
                locked += there - from;
            } else if (channel.size() >= there) {
                locking = false;
                warn("only " + locked + " of its " + size + " bytes are locked in memory, the rest may leave it again: "
                        + problem + "; " + LockedFile.advice() + ", and delete the region and export it again");
            }
        } catch (IOException e) {
            warn("its size cannot be found: " + Reasons.of(e));
        }
    }

    private void warn(String what) {
        if (warning.isEmpty() && !closed) {
            warning = path + ": " + what;
            LOG.warn("{}", warning);
        }
    }

    /** The file may leave memory again. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            slow.execute(this::release);
        } catch (RejectedExecutionException e) {
            LOG.debug("dsmd is stopping, memory is unlocked here: {}", Reasons.of(e));
            release();
        }
    }

    private void release() {
        if (holders.decrementAndGet() == 0) {
            Descriptors.close(memory);
        }
    }
}
