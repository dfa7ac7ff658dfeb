package io.pagewire.daemon.memory;

import io.pagewire.core.Cause;
import io.pagewire.core.FramePort;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.Executor;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pages of one region that do not fit into memory: a file without a name, one sector a page, a checksum for each sector. Slow
 * threads write and read it; what is still in the page cache is read at once (SPEC: V7).
 *
 * <p>Belongs to the region's event loop.
 */
public final class SpillFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpillFile.class);

    /** In the lane of writes: not a page, the file is to be cut to so many sectors. */
    private static final long CUT = -1;

    private final SpillSpace space;
    private final MemoryFrames frames;
    private final int pageSize;
    private final Executor slow;
    private final Owner owner;
    private final SpillHandle handle;
    private final Sectors sectors = new Sectors();
    private final SpillLane writes;
    private final SpillLane reads;
    private final CRC32C checksum = new CRC32C();
    private ByteBuffer buffer;
    private long cutBytes; // asked for and not yet cut off
    private volatile String problem;

    /**
     * Who hears what became of a page; a sector that could not be written is the owner's to forget. Called on the region's loop, never from
     * within a call of this class.
     */
    public interface Owner {
        void spilled(long page, int cause, long now);

        void loaded(long page, int cause, long now);

        /** What stands behind a cause that was, or is about to be, given; may be called from within a call. */
        void explain(FaultCause cause, String text);
    }

    public SpillFile(SpillSpace space, MemoryFrames frames, int pageSize, Executor slow, Executor loop, Owner owner) {
        this.space = space;
        this.frames = frames;
        this.pageSize = pageSize;
        this.slow = slow;
        this.owner = owner;
        handle = new SpillHandle(space);
        writes = new Writes(loop);
        reads = new Reads(loop);
    }

    /** {@link FramePort#spill}. */
    public int spill(long page) {
        int sector = sectors.take();
        if (sector == 0) {
            if (!space.grow(pageSize)) {
                owner.explain(FaultCause.NO_MEMORY, space.noRoom());
                space.fails(space.noRoom());
                return 0;
            }
            sector = sectors.grow();
        }
        space.spilled(pageSize);
        writes.add(page, sector, 0);
        return sector;
    }

    /** {@link FramePort#load}. */
    public int load(long page, int sector) {
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(pageSize);
        }
        long offset = offset(sector);
        buffer.clear();
        try {
            while (buffer.hasRemaining()) {
                int read = Sys.readNoWait(handle.descriptor(), buffer, offset + buffer.position());
                if (read <= 0) {
                    reads.add(page, sector, sectors.checksum(sector));
                    return FramePort.LOADING;
                }
            }
        } catch (IOException e) {
            return lost(Reasons.of(e));
        }
        int cause = intoFrame(buffer, page, sector, sectors.checksum(sector), checksum);
        if (cause != 0) {
            owner.explain(FaultCause.of(cause), problem);
        }
        return cause;
    }

    private int lost(String what) {
        problem = space.cannotRead(what);
        LOG.error("{}", problem);
        owner.explain(FaultCause.FILE_ERROR, problem);
        return Cause.FILE_ERROR;
    }

    /** {@link FramePort#forget}. */
    public void forget(int sector) {
        sectors.free(sector);
        space.spilled(-pageSize);
        int less = sectors.cut();
        if (less > 0) {
            cutBytes += (long) less * pageSize;
            writes.add(CUT, sectors.length(), less);
        }
    }

    /** Pages that stand in the file. */
    public int pages() {
        return sectors.used();
    }

    /** Closes the file once what is under way is over; nothing is told to the owner any more. */
    @Override
    public void close() {
        if (handle.isClosed()) {
            return;
        }
        long bytes = (long) sectors.length() * pageSize + cutBytes;
        space.spilled(-(long) sectors.used() * pageSize);
        handle.close(() -> space.shrink(bytes), slow);
    }

    private long offset(int sector) {
        return (sector - 1L) * pageSize;
    }

    /** Puts what was read into the frame when it is what was written. */
    private int intoFrame(ByteBuffer read, long page, int sector, int expected, CRC32C crc) {
        crc.reset();
        crc.update(read.flip());
        if ((int) crc.getValue() != expected) {
            problem = space.cannotRead("the checksum of page " + page + " is wrong; the disk is not to be trusted");
            LOG.error("{} (sector {})", problem, sector);
            return Cause.FILE_ERROR;
        }
        try {
            frames.store(read.flip(), page * pageSize);
            return 0;
        } catch (IOException e) {
            problem = "there is no memory for the frame of page " + page + ": " + Reasons.of(e);
            LOG.warn("{}", problem);
            return Cause.NO_MEMORY;
        }
    }

    /** Pages on their way to the disk. */
    private final class Writes extends SpillLane {
        private final CRC32C crc = new CRC32C();
        private ByteBuffer bytes;

        Writes(Executor loop) {
            super(slow, loop, handle, pageSize);
        }

        @Override
        int work(int index, long page, int sector, int less) {
            try {
                FileChannel channel = handle.channel();
                if (page == CUT) {
                    channel.truncate((long) sector * pageSize);
                    return 0;
                }
                if (bytes == null) {
                    bytes = ByteBuffer.allocateDirect(pageSize);
                }
                frames.load(bytes.clear(), page * pageSize);
                crc.reset();
                crc.update(bytes.flip());
                checksum(index, (int) crc.getValue());
                bytes.flip();
                while (bytes.hasRemaining()) {
                    channel.write(bytes, offset(sector) + bytes.position());
                }
                space.works();
                return 0;
            } catch (IOException e) {
                problem = space.cannotWrite(e);
                if (!handle.isClosed()) {
                    space.fails(problem);
                }
                return Cause.NO_MEMORY;
            }
        }

        @Override
        int failed(Throwable failure) {
            problem = "dsmd failed when it spilled a page (" + Reasons.of(failure) + "); its log has the details";
            return Cause.NO_MEMORY;
        }

        @Override
        void done(long page, int sector, int value, int cause) {
            if (page == CUT) {
                cutBytes -= (long) value * pageSize;
                space.shrink((long) value * pageSize);
                return;
            }
            if (cause == 0) {
                sectors.checksum(sector, value);
            } else {
                owner.explain(FaultCause.of(cause), problem);
            }
            owner.spilled(page, cause, System.nanoTime());
        }
    }

    /** Pages on their way from the disk. */
    private final class Reads extends SpillLane {
        private final CRC32C crc = new CRC32C();
        private ByteBuffer bytes;

        Reads(Executor loop) {
            super(slow, loop, handle, pageSize);
        }

        @Override
        int work(int index, long page, int sector, int expected) {
            try {
                FileChannel channel = handle.channel();
                if (bytes == null) {
                    bytes = ByteBuffer.allocateDirect(pageSize);
                }
                bytes.clear();
                while (bytes.hasRemaining()) {
                    if (channel.read(bytes, offset(sector) + bytes.position()) <= 0) {
                        throw new IOException("the spill file ends before page " + page);
                    }
                }
            } catch (IOException e) {
                problem = space.cannotRead(Reasons.of(e));
                if (!handle.isClosed()) {
                    LOG.error("{}", problem);
                }
                return Cause.FILE_ERROR;
            }
            return intoFrame(bytes, page, sector, expected, crc);
        }

        @Override
        int failed(Throwable failure) {
            problem = "dsmd failed when it read a spilled page (" + Reasons.of(failure) + "); its log has the details";
            return Cause.FILE_ERROR;
        }

        @Override
        void done(long page, int sector, int value, int cause) {
            if (cause != 0) {
                owner.explain(FaultCause.of(cause), problem);
            }
            owner.loaded(page, cause, System.nanoTime());
        }
    }
}
